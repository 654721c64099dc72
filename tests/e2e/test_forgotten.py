"""A forgotten password, from the page over SMTP to the new one; what opens the door is in the mail and nowhere else."""

import asyncio
from uuid import uuid4

import asyncpg
import pytest

from contracts.notifier import SendPasswordReset
from deploy.local.supervisor import Supervisor
from tests.e2e.people import PASSWORD, Answer, Json, Photographer, World
from tests.e2e.test_deletion import schemas_with
from tests.e2e.test_erasure import dead_with, let_die, named_in
from tests.waiting import eventually

NEW = "a new long password"


async def ask(world: World, email: str) -> str:
    """Say on the page that a password is forgotten; what the page says then."""
    asked = await world.call("POST", "/login/forgotten", data={"email": email}, headers={"Origin": world.url})
    assert asked.status == 200, asked
    return asked.body.decode().replace(email, "…")


async def mailed(photographer: Photographer, number: int = 1) -> list[Json]:
    """The mails to the photographer, as soon as there are so many."""

    async def look() -> list[Json]:
        mails = await photographer.world.mails_to(photographer.studio["email"])
        return mails if len(mails) >= number else []

    return await eventually(look, within=30)


def link_in(mail: Json) -> str:
    """The link that stands in a mail."""
    text: str = mail["text"]
    return next(word for word in text.split() if "/reset/" in word)


async def use(world: World, link: str, password: str = NEW) -> Answer:
    """Open the link and fill in the form, as a browser does."""
    opened = await world.call("GET", link)
    cookie = opened.headers.get("Set-Cookie", "").partition(";")[0]
    headers = {"Origin": world.url, "Cookie": cookie}
    return await world.call("POST", "/new-password", data={"new_password": password}, headers=headers)


async def log_in(photographer: Photographer, password: str) -> int:
    account = {"email": photographer.studio["email"], "password": password}
    return (await photographer.world.call("POST", "/api/v1/sessions", json=account)).status


async def test_a_new_password_is_set_once_by_the_link_in_the_mail(world: World) -> None:
    photographer = await Photographer.sign_up(world, locale="pl")
    cookie = photographer.cookies.pop()
    await ask(world, photographer.studio["email"])
    (mail,) = await mailed(photographer)
    assert mail["subject"] == "Ustaw nowe hasło do Photoferry"

    answers = await asyncio.gather(*(use(world, link_in(mail)) for _ in range(4)))

    assert sorted(answer.status for answer in answers) == [303, 404, 404, 404]
    assert (await use(world, link_in(mail), "another long password")).status == 404
    assert [await log_in(photographer, password) for password in (PASSWORD, NEW)] == [401, 201]
    old = await world.call("GET", "/api/v1/studio", headers={"Cookie": cookie})
    assert old.status == 401
    assert (await photographer.do("GET", "/studio"))["email"] == photographer.studio["email"]
    assert len(await mailed(photographer)) == 1


async def test_an_unknown_address_is_answered_the_same_and_nothing_is_sent(
    world: World, photographer: Photographer
) -> None:
    nobody = f"{uuid4().hex}@studio.example.com"
    assert await ask(world, nobody) == await ask(world, photographer.studio["email"])
    await mailed(photographer)
    assert await world.mails_to(nobody) == []


async def test_a_newer_link_ends_the_older(world: World, photographer: Photographer) -> None:
    for number in (1, 2):
        await ask(world, photographer.studio["email"])
        await mailed(photographer, number)
    older, newer = map(link_in, await mailed(photographer, 2))

    assert [(await use(world, link)).status for link in (older, newer)] == [404, 303]


@pytest.mark.parametrize("name", ["notifier", "rabbitmq"])
@pytest.mark.usefixtures("nothing_undelivered")
async def test_what_is_stopped_is_waited_for(stack: Supervisor, photographer: Photographer, name: str) -> None:
    await stack.stop(name)
    try:
        await ask(photographer.world, photographer.studio["email"])
    finally:
        await stack.start(name)
        await stack.ready()

    (mail,) = await mailed(photographer)
    assert (await use(photographer.world, link_in(mail))).status == 303


async def test_no_table_message_dead_message_or_log_has_the_token(
    stack: Supervisor, photographer: Photographer, database: asyncpg.Connection
) -> None:
    word = photographer.studio["email"]
    await ask(photographer.world, word)
    (mail,) = await mailed(photographer)
    token = link_in(mail).rpartition("/")[2]
    assert await schemas_with(database, word) >= {"gateway", "notifier"}
    payload = await database.fetchval("SELECT payload FROM gateway.outbox WHERE strpos(payload::text, $1) > 0", word)
    command = SendPasswordReset.model_validate_json(payload)
    await let_die(stack, "notifier", command)

    assert (await use(photographer.world, link_in(mail))).status == 303

    assert await schemas_with(database, token) == set()
    assert await dead_with(stack, str(command.reset_id))
    assert not any([await dead_with(stack, secret) for secret in (token, word)])
    assert named_in(stack.config.data / "log", token) == []
    assert named_in(stack.config.data / "log", word) == []
