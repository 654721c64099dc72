"""The command line does the main job, and its exit codes and JSON are of use to scripts."""

import asyncio
import json
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import aio_pika
import asyncpg
import pytest

from chassis.dead import looking
from chassis.retries import HEADER_QUEUE
from contracts.orders import PlaceOrder
from deploy.local.supervisor import Supervisor
from tests.e2e.people import Photographer, final, proof
from tests.e2e.test_rules import paid_order, ready_gallery
from tests.waiting import eventually


@dataclass
class Shell:
    """`photoferry`, as the photographer's scripts call it."""

    env: dict[str, str]

    async def run(self, *arguments: str, ok: int = 0, out: bool = False) -> str:
        """Run a command that must end with `ok`; returns what it printed, on stderr when it failed unless `out`."""
        command = [str(Path(sys.executable).with_name("photoferry")), *arguments]
        process = await asyncio.create_subprocess_exec(*command, env={**os.environ, **self.env}, stdout=-1, stderr=-1)
        printed, complained = await process.communicate()
        assert process.returncode == ok, (arguments, process.returncode, printed.decode(), complained.decode())
        return (complained if ok and not out else printed).decode()

    async def read(self, *arguments: str) -> Any:
        """The JSON that a command prints."""
        return json.loads(await self.run(*arguments, "--json"))


@pytest.fixture
def shell(stack: Supervisor, photographer: Photographer, tmp_path: Path) -> Shell:
    return Shell(
        {
            "PHOTOFERRY_URL": stack.url,
            "PHOTOFERRY_TOKEN": photographer.token,
            "PHOTOFERRY_RABBITMQ_URL": stack.servers.urls(stack.config)["PHOTOFERRY_RABBITMQ_URL"],
            "XDG_CONFIG_HOME": str(tmp_path),
        }
    )


async def test_login_keeps_a_token_for_its_owner_only(
    stack: Supervisor, photographer: Photographer, tmp_path: Path
) -> None:
    shell = Shell({"XDG_CONFIG_HOME": str(tmp_path), "PHOTOFERRY_PASSWORD": "correct horse battery"})
    assert "photoferry login" in await shell.run("galleries", ok=3)
    await shell.run("login", stack.url, "--email", photographer.studio["email"])
    assert "No galleries yet" in await shell.run("galleries")
    assert (tmp_path / "photoferry" / "account.json").stat().st_mode & 0o077 == 0
    wrong = Shell({**shell.env, "PHOTOFERRY_PASSWORD": "not the password"})
    assert "wrong" in await wrong.run("login", stack.url, "--email", photographer.studio["email"], ok=3)


async def test_the_main_job_from_the_command_line(photographer: Photographer, shell: Shell, tmp_path: Path) -> None:
    desk = await photographer.open_gallery(name="Race day")
    for folder, draw in (("proofs", proof), ("finals", final)):
        (tmp_path / folder).mkdir()
        for name in ("a.jpg", "b.jpg"):
            (tmp_path / folder / name).write_bytes(draw(name))
    await shell.run("upload", "Race day", "--photos", str(tmp_path / "proofs"))
    photos = {item["filename"]: item["id"] for item in (await desk.do("GET", "/photos"))["items"]}
    order = await desk.order(photos["a.jpg"])
    await shell.run("mark-paid", "Race day", "#1")
    await shell.run("upload", "Race day", "--transfers", str(tmp_path / "finals" / "a.jpg"))
    await order.until(ready=True)

    assert "Queued: 1" in await shell.run("notify", "Race day", "--yes")
    await desk.no_mail_on_its_way()
    assert len(await order.mails()) == 1
    (row,) = await shell.read("orders", "Race day")
    assert (row["number"], row["status"], row["notification"]["state"]) == (1, "paid", "sent")


@pytest.mark.parametrize("tab", ["photos", "transfers"])
async def test_an_upload_run_again_sends_only_what_is_missing(
    photographer: Photographer, shell: Shell, tmp_path: Path, tab: str
) -> None:
    desk = await photographer.open_gallery()
    files = {name: tmp_path / name for name in ("a.jpg", "b.jpg", "bad.jpg")}
    for name, file in files.items():
        file.write_bytes(final(name) if name != "bad.jpg" else b"not a picture")
    gallery = desk.gallery["id"]
    first = await shell.run("upload", gallery, f"--{tab}", str(files["a.jpg"]))
    assert "1 stored, 0 there already, 0 failed" in first
    before = (await desk.do("GET", f"/{tab}"))["items"]
    second = await shell.run("upload", gallery, f"--{tab}", *map(str, files.values()), ok=6)
    assert ("bad.jpg" in second, "a.jpg" in second) == (True, False)

    after = (await desk.do("GET", f"/{tab}"))["items"]
    assert [(item["filename"], item.get("version", 1)) for item in after] == [("a.jpg", 1), ("b.jpg", 1)]
    assert after[:1] == before


async def test_a_wrong_name_says_where_to_look(shell: Shell) -> None:
    assert "photoferry galleries" in await shell.run("orders", "No such gallery", ok=4)
    assert "cannot be reached" in await Shell({**shell.env, "PHOTOFERRY_URL": "http://127.0.0.1:1"}).run(
        "galleries", ok=5
    )


async def test_dead_messages_are_listed_shown_retried_and_dropped(shell: Shell) -> None:
    url, trace = shell.env["PHOTOFERRY_RABBITMQ_URL"], {"traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad-01"}
    first, second = str(uuid4()), str(uuid4())
    connection = await aio_pika.connect(url)
    async with connection, connection.channel() as channel:
        for message_id in (first, second):
            garbage = aio_pika.Message(b"garbage", type=PlaceOrder.topic, message_id=message_id, headers={**trace})
            await channel.default_exchange.publish(garbage, "orders.place_order")

    async def listed() -> list[Any]:
        rows = [row for row in await shell.read("dead", "list") if row["message_id"] in (first, second)]
        return rows if len(rows) == 2 else []

    async def traces() -> list[Any]:
        async with looking(url) as look:
            dead = [message async for message in look.at("orders")]
            return [each.headers.get("traceparent") for each in dead if each.message_id in (first, second)]

    rows = await eventually(listed, within=60)
    assert {row["queue"] for row in rows} == {"orders.place_order"}
    assert "garbage" not in await shell.run("dead", "show", first)
    (copy,) = json.loads(await shell.run("dead", "show", first, "--unmasked"))
    assert copy["payload"] == "garbage"
    await shell.run("dead", "retry", first)
    await eventually(listed, within=60)  # it died once more
    assert await traces() == [trace["traceparent"]] * 2
    await shell.run("dead", "drop", first, second, "--yes")
    assert await listed() == []
    assert "dead list" in await shell.run("dead", "drop", first, ok=4)


async def test_every_copy_of_a_dead_message_is_acted_on_and_counted(shell: Shell) -> None:
    twin = str(uuid4())
    connection = await aio_pika.connect(shell.env["PHOTOFERRY_RABBITMQ_URL"])
    async with connection, connection.channel() as channel:
        for queue, message_id in (("orders.dead", twin), ("notifier.dead", twin), ("orders.dead", None)):
            dead = aio_pika.Message(b"no name", message_id=message_id)
            await channel.default_exchange.publish(dead, queue)
    (nameless,) = {row["message_id"] for row in await shell.read("dead", "list") if row["message_id"] != twin}

    assert len(json.loads(await shell.run("dead", "show", twin))) == 2
    assert "Left: 3" in await shell.run("dead", "retry", twin, nameless, ok=6)  # nobody knows where they were
    assert "Dropped: 3" in await shell.run("dead", "drop", twin, nameless, "--yes")
    assert await shell.read("dead", "list") == []


async def test_dead_messages_are_named_as_they_are_listed_by_queue_or_all_at_once(shell: Shell) -> None:
    connection = await aio_pika.connect(shell.env["PHOTOFERRY_RABBITMQ_URL"])
    async with connection, connection.channel() as channel:
        for queue in ("orders.place_order", "orders.place_order", "orders.open_gallery", "nobody's"):
            dead = aio_pika.Message(b"garbage", message_id=str(uuid4()), headers={HEADER_QUEUE: queue})
            await channel.default_exchange.publish(dead, "orders.dead")
    rows = await shell.read("dead", "list")
    narrow = Shell({**shell.env, "COLUMNS": "40"})
    assert [line.split()[0] for line in (await narrow.run("dead", "list")).splitlines() if line[0] != " "] == [
        row["message_id"] for row in rows
    ]

    first = rows[0]["id"]
    assert first.startswith("orders.place_order:")
    assert json.loads(await shell.run("dead", "show", first))[0]["id"] == first
    assert "--all" in await shell.run("dead", "drop", ok=1)
    assert "--all" in await shell.run("dead", "retry", first, "--all", ok=1)
    assert "orders.place_orders" in await shell.run("dead", "retry", "--queue", "orders.place_orders", ok=4)
    await shell.run("dead", "drop", "--all", ok=1)  # nobody answers the question
    assert len(await shell.read("dead", "list")) == 4
    assert "Dropped: 1" in await shell.run("dead", "drop", first, "--yes")
    assert "Dropped: 1" in await shell.run("dead", "drop", "--queue", "orders.place_order", "--yes")
    assert "Left: 1" in await shell.run("dead", "retry", "--all", ok=6)

    async def died_again() -> bool:
        return len(await shell.read("dead", "list")) == 2

    await eventually(died_again, within=60)
    assert "Dropped: 2" in await shell.run("dead", "drop", "--all", "--yes")
    assert "No dead messages" in await shell.run("dead", "list")


async def test_an_operator_is_added_listed_and_removed(stack: Supervisor, photographer: Photographer) -> None:
    assert stack.servers.postgres is not None
    shell = Shell({"PHOTOFERRY_DATABASE_URL": stack.servers.postgres.url})
    email, queues = photographer.studio["email"], "/operator/queues"
    assert (await photographer.call("GET", queues)).status == 404

    await shell.run("operator", "add", email.upper())
    assert (await photographer.call("GET", queues)).status == 200
    assert email in (await shell.run("operator", "list")).splitlines()
    await shell.run("operator", "remove", email)
    assert (await photographer.call("GET", queues)).status == 404
    assert email not in await shell.run("operator", "list")
    assert "No studio logs in with nobody" in await shell.run("operator", "add", "nobody@example.com", ok=4)


async def test_a_write_that_takes_longer_is_waited_for(
    stack: Supervisor, photographer: Photographer, shell: Shell, database: asyncpg.Connection
) -> None:
    desk, photos = await ready_gallery(photographer)
    await desk.order(photos["a.jpg"])
    await stack.stop("orders")
    paying = asyncio.create_task(shell.run("mark-paid", desk.gallery["id"], "#1"))
    promised = "SELECT EXISTS (SELECT FROM gateway.request WHERE gave_up AND gallery_id = $1)"
    await eventually(lambda: database.fetchval(promised, desk.id))  # the gateway waited, and said: later
    assert not paying.done()
    await stack.start("orders")
    await stack.ready()

    assert "#1: paid" in await paying


async def test_an_empty_file_fails_by_itself_and_a_missing_gallery_says_so(
    photographer: Photographer, shell: Shell, tmp_path: Path
) -> None:
    desk = await photographer.open_gallery()
    for name, data in (("empty.jpg", b""), ("a.jpg", final("a.jpg"))):
        (tmp_path / name).write_bytes(data)
    files = [str(tmp_path / "empty.jpg"), str(tmp_path / "a.jpg")]
    problem = await shell.run("upload", desk.gallery["id"], "--transfers", *files, ok=6)
    assert "empty.jpg: " in problem.replace("\n", "")
    assert [item["filename"] for item in (await desk.do("GET", "/transfers"))["items"]] == ["a.jpg"]
    assert "No gallery has" in await shell.run("upload", "No such gallery", "--photos", *files, ok=4)


async def test_notify_sends_nothing_without_a_yes(photographer: Photographer, shell: Shell) -> None:
    desk, photos = await ready_gallery(photographer)
    order = await paid_order(desk, photos["a.jpg"])
    await shell.run("notify", desk.gallery["id"], ok=1)  # nobody answers the question

    assert (await order.read())["notification"]["state"] == "none"


async def test_a_name_is_shown_as_it_is_and_not_read_as_markup(photographer: Photographer, shell: Shell) -> None:
    desk = await photographer.open_gallery(name="[/red]Race")
    photos = await desk.add_photos("a.jpg")
    await desk.order(photos["a.jpg"], name="[/x] Anna")

    assert "[/red]" in await shell.run("galleries")
    assert "[/x]" in await shell.run("orders", "[/red]Race")
