"""Backing up and restoring: what is copied, what is refused, what is told."""

import asyncio
import gzip
import json
import resource
import sys
from collections import Counter
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from uuid import UUID, uuid4

import asyncpg
import pytest
from rich.console import Console

from chassis.db import apply_migrations, known_migrations, migrate
from chassis.object_errors import StoreUnreachable
from chassis.objects import ObjectStore
from cli.backup import copying
from cli.backup.database import tables
from cli.backup.folder import ABOUT, Backup, Backups, chosen
from cli.backup.loading import load
from cli.backup.progress import Progress
from cli.backup.restoring import restore
from cli.backup.taking import Taken, Taking
from cli.errors import Failure
from contracts.orders import OrderPlaced, PlaceOrder
from contracts.topology import QUEUES, SERVICES
from contracts.transfers import watermark_key
from tests.infra import Servers

_names = (f"backups-{number}" for number in count(1))


@dataclass
class Place:
    """A database and a bucket."""

    database_url: str
    s3_url: str
    connection: asyncpg.Connection
    store: ObjectStore

    async def add_final(self, gallery_id: UUID | None = None, content: bytes = b"final") -> str:
        """A final, as transfers keeps it; returns its key."""
        file_id, gallery_id = uuid4(), gallery_id or uuid4()
        folder = f"galleries/{gallery_id}/transfers/{file_id}/{uuid4()}/"
        await self.connection.execute(
            """INSERT INTO transfers.file (id, gallery_id, tab, match_key, filename, folder)
               VALUES ($1, $2, 'transfers', $3, 'a.jpg', $4)""",
            file_id,
            gallery_id,
            str(file_id),
            folder,
        )
        for name in ("original", "400.jpg"):
            await self.store.put_file(folder + name, content, "image/jpeg")
        return f"{folder}original"

    async def forget_finals(self) -> None:
        """As after their gallery was deleted."""
        await self.connection.execute("DELETE FROM transfers.file")
        await self.store.remove_prefix("galleries/")

    async def run(self, *arguments: str, ok: int = 0, largest_file: int = resource.RLIM_INFINITY) -> str:
        """`photoferry`, as an operator's cron calls it; returns what it says, on stderr when it failed."""

        def limit() -> None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (largest_file, largest_file))

        env = {"PHOTOFERRY_DATABASE_URL": self.database_url, "PHOTOFERRY_S3_URL": self.s3_url}
        command = [str(Path(sys.executable).with_name("photoferry")), *arguments]
        process = await asyncio.create_subprocess_exec(*command, env=env, stdout=-1, stderr=-1, preexec_fn=limit)
        out, err = await process.communicate()
        assert process.returncode == ok, (process.returncode, out.decode(), err.decode())
        return (err if ok else out).decode().replace("\n", " ")


async def place(servers: Servers) -> AsyncIterator[Place]:
    name = next(_names)
    database_url, s3_url = await servers.postgres.create_database(name), await servers.store.create_bucket(name)
    connection, store = await asyncpg.connect(database_url), ObjectStore(s3_url)
    yield Place(database_url, s3_url, connection, store)
    await connection.close()
    await store.close()
    await servers.postgres.drop_database(name)


@pytest.fixture
async def empty(servers: Servers) -> AsyncIterator[Place]:
    """Where to restore."""
    async for each in place(servers):
        yield each


@pytest.fixture
async def another(servers: Servers) -> AsyncIterator[Place]:
    """Where not to restore."""
    async for each in place(servers):
        yield each


@pytest.fixture
async def there(servers: Servers) -> AsyncIterator[Place]:
    """What is backed up: five schemas."""
    async for each in place(servers):
        for service in SERVICES:
            await migrate(each.database_url, service)
        yield each


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Of backups."""
    return tmp_path / "backups"


class Watched(Progress):
    """Tells when files were looked for `times` times."""

    def __init__(self, times: int) -> None:
        super().__init__(Console(quiet=True))
        self.left = times
        self.reached = asyncio.Event()

    def more(self, files: int) -> None:
        super().more(files)
        self.left -= 1
        if not self.left:
            self.reached.set()


def progress() -> Progress:
    return Progress(Console(quiet=True))


async def take(there: Place, folder: Path, *, keep: int | None = None, seen: Progress | None = None) -> Taken:
    return await Taking(Backups(folder), there.store, seen or progress()).run(there.database_url, keep)


async def bring_back(backup: Backup, empty: Place) -> int | None:
    return (await restore(backup, empty.database_url, empty.store, progress())).told_again


def everything_in(folder: Path) -> list[Path]:
    return [folder, *folder.rglob("*")]


def files_in(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in everything_in(folder) if path.is_file()}


async def test_a_second_backup_copies_only_what_is_new(there: Place, folder: Path) -> None:
    await there.add_final()
    await take(there, folder)
    new = await there.add_final()
    await there.store.remove(
        [key for key in await there.store.sizes() if not key.startswith(new.removesuffix("original"))]
    )
    seen = progress()
    taken = await take(there, folder, seen=seen)

    assert seen.files == 2
    assert len(taken.backup.objects()) == 4
    assert taken.backup.about.missing == ()


async def test_a_file_that_is_deleted_while_it_is_backed_up_is_not_in_the_backup_nor_is_its_row(
    there: Place, folder: Path, empty: Place
) -> None:
    kept, gone = await there.add_final(), await there.add_final()
    await there.store.remove([gone])
    seen = Watched(times=2)  # once before the snapshot, once in it
    taking = asyncio.create_task(take(there, folder, seen=seen))
    await seen.reached.wait()
    await there.connection.execute("DELETE FROM transfers.file WHERE folder = $1", gone.removesuffix("original"))
    taken = await taking
    await bring_back(taken.backup, empty)

    assert taken.backup.about.missing == ()
    folders = await empty.connection.fetch("SELECT folder FROM transfers.file")
    assert [row["folder"] + "original" for row in folders] == [kept]


async def test_a_file_that_the_store_has_lost_is_told_and_all_else_is_backed_up(
    there: Place, folder: Path, empty: Place
) -> None:
    kept, lost = await there.add_final(), await there.add_final()
    await there.store.remove([lost])

    assert lost in await there.run("backup", str(folder), ok=6)
    assert "did not have 1 files" in await empty.run("restore", str(folder))
    assert kept in await empty.store.sizes()


async def test_a_file_that_the_store_has_lost_is_told_also_when_the_folder_has_it(
    there: Place, folder: Path, empty: Place
) -> None:
    lost = await there.add_final()
    await there.run("backup", str(folder))
    await there.store.remove([lost])
    said = await there.run("backup", str(folder), ok=6)

    assert "The store has lost 1 files that the database names; all else is backed up." in said
    assert f"1 of them are in {folder}/objects; a restore brings them back" in said
    assert lost in said
    await empty.run("restore", str(folder))
    assert lost in await empty.store.sizes()
    await there.store.put_file(lost, folder / "objects" / lost, "image/jpeg")
    await there.run("backup", str(folder))


async def test_what_may_change_under_its_key_is_copied_each_time_and_kept_by_each_backup(
    there: Place, folder: Path, empty: Place
) -> None:
    gallery_id, upload_id = uuid4(), uuid4()
    await there.connection.execute(
        """INSERT INTO gateway.gallery (id, studio_id, public_digest, settings, studio, opened_at, revision)
           VALUES ($1, $1, '', '{"watermark_image": true}', '{}', now(), 1)""",
        gallery_id,
    )
    await there.connection.execute(
        """INSERT INTO gateway.upload (id, gallery_id, studio_id, tab, filename, size, object_key, status)
           VALUES ($1, $2, $2, 'photos', 'a.jpg', 1, 'incoming/a', 'processing')""",
        upload_id,
        gallery_id,
    )
    keys = {"incoming/a", watermark_key(gallery_id)}
    backups = []
    for content in (b"old", b"newer"):
        for key in keys:
            await there.store.put_file(key, content, "image/png")
        backups.append((await take(there, folder)).backup)
    await bring_back(backups[0], empty)

    sizes = [{key: noted.size for key, noted in backup.objects().items()} for backup in backups]
    assert sizes == [dict.fromkeys(keys, 3), dict.fromkeys(keys, 5)]
    assert await empty.store.sizes() == dict.fromkeys(keys, 3)
    await there.connection.execute("INSERT INTO transfers.upload VALUES ($1, $2)", upload_id, gallery_id)
    assert (await take(there, folder)).backup.objects().keys() == {watermark_key(gallery_id)}


async def test_large_uploads_that_nobody_can_read_yet_are_told(there: Place, folder: Path) -> None:
    await there.connection.execute(
        """INSERT INTO gateway.upload (id, gallery_id, studio_id, tab, filename, size, object_key, multipart_id, status)
           VALUES ($1, $1, $1, 'photos', 'a.jpg', 1, 'incoming/a', 'm', 'processing')""",
        uuid4(),
    )

    assert "1 large files just being taken in" in await there.run("backup", str(folder))


async def test_only_the_newest_backups_and_their_files_are_kept(there: Place, folder: Path, empty: Place) -> None:
    deleted = await there.add_final()
    await take(there, folder)
    await there.forget_finals()
    kept = await there.add_final()
    first = await take(there, folder, keep=2)
    assert f"objects/{deleted}" in files_in(folder)
    last = await take(there, folder, keep=2)

    assert (first.forgotten, last.forgotten) == (0, 1)
    assert {name for name in files_in(folder) if name.startswith("objects/")} == {
        f"objects/{kept}",
        f"objects/{kept.replace('original', '400.jpg')}",
    }
    assert not (folder / "objects" / deleted).parent.exists()
    assert len(Backups(folder).finished()) == 2
    await bring_back(last.backup, empty)


async def test_only_its_owner_may_read_a_backup(there: Place, folder: Path) -> None:
    await there.add_final()
    await there.run("backup", str(folder))

    assert {path.stat().st_mode & 0o077 for path in everything_in(folder)} == {0}


async def rows(connection: asyncpg.Connection) -> dict[str, list[str]]:
    """Every row of every table but the outboxes, as text."""
    found = {}
    for table in await tables(connection):
        if table.name != "outbox":
            query = f'SELECT t::text FROM {table.service}."{table.name}" t ORDER BY 1'  # noqa: S608
            found[f"{table.service}.{table.name}"] = [row["t"] for row in await connection.fetch(query)]
    return found


async def test_rows_come_back_whole_and_numbers_go_on(there: Place, folder: Path, empty: Place) -> None:
    studio, odd = uuid4(), "tab\t newline\n backslash\\N Żółw 😀"
    for statement in (
        "INSERT INTO gateway.studio VALUES ($1, $2, 'a@example.com', 'hash', 'pl', 'a@example.com')",
        "INSERT INTO gateway.api_token VALUES ($1, $1, $2, '\\x00ff')",
        "INSERT INTO gateway.webhook_endpoint (id, studio_id, url, events) VALUES ($1, $1, $2, ARRAY[$2, 'b'])",
        "INSERT INTO gateway.webhook VALUES ($1, $2, 'e', 't', NULL, NULL, '\\x0001', '-infinity')",
    ):
        await there.connection.execute(statement, *(studio, odd)[: statement.count("$2") + 1])
    before, revision = await rows(there.connection), "SELECT nextval('notifier.revision')"
    number = await there.connection.fetchval(revision)
    await bring_back((await take(there, folder)).backup, empty)

    assert await rows(empty.connection) == before
    assert await empty.connection.fetchval(revision) == number + 1
    await emit(empty, "gateway", PlaceOrder.topic)  # an identity column, which goes on, too


async def test_an_older_backup_is_restored_as_it_was_and_migrated_by_its_service(
    there: Place, folder: Path, empty: Place
) -> None:
    taken = await take(there, folder)
    names = known_migrations("gateway")
    before = [name for name in names if not name.endswith("webhook_bodies.sql")]  # an index, and nothing that rows need
    about = taken.backup.about
    older = about.model_copy(update={"migrations": about.migrations | {"gateway": tuple(before)}})
    (taken.backup.path / ABOUT).write_text(older.model_dump_json())
    await bring_back(taken.backup, empty)
    applied = "SELECT array_agg(name ORDER BY name) FROM gateway.migration"
    assert await empty.connection.fetchval(applied) == sorted(before)
    await migrate(empty.database_url, "gateway")

    assert await empty.connection.fetchval(applied) == sorted(names)


async def emit(place: Place, service: str, topic: str, age: int = 0, *, handled_by: str | None = None) -> UUID:
    """A message that was published so many days ago."""
    message_id = uuid4()
    await place.connection.execute(
        f"""INSERT INTO {service}.outbox (message_id, topic, payload, created_at, published_at)
            VALUES ($1, $2, '{{}}', now() - make_interval(days => $3), now() - make_interval(days => $3))""",  # noqa: S608
        message_id,
        topic,
        age,
    )
    if handled_by:
        await place.connection.execute(f"INSERT INTO {handled_by}.inbox VALUES ('handler', $1)", message_id)  # noqa: S608
    return message_id


async def test_messages_that_somebody_has_not_handled_are_told_again(there: Place, folder: Path, empty: Place) -> None:
    await emit(there, "gateway", PlaceOrder.topic, handled_by="orders")
    await emit(there, "gateway", PlaceOrder.topic, age=91)  # handled or not: its claim is forgotten
    await emit(there, "gateway", "nobody.listens.v1")
    waiting = await emit(there, "gateway", PlaceOrder.topic, age=89)
    half_told = await emit(there, "orders", OrderPlaced.topic, handled_by="notifier")  # the gateway has not heard of it
    assert await bring_back((await take(there, folder)).backup, empty) == 2

    for service, expected in (("gateway", waiting), ("orders", half_told)):
        query = f"SELECT array_agg(message_id) FROM {service}.outbox WHERE published_at IS NULL"  # noqa: S608
        assert await empty.connection.fetchval(query) == [expected]


def test_a_service_hears_of_a_message_in_one_queue_so_any_claim_of_its_inbox_counts() -> None:
    heard = Counter((name.split(".")[0], message) for name, messages in QUEUES.items() for message in messages)

    assert set(heard.values()) == {1}


async def interrupted_restore(backup: Backup, empty: Place) -> None:
    """All files are there, and no row is."""
    rows = backup.path / "transfers.file.gz"
    whole = rows.read_bytes()
    rows.write_bytes(whole[:-3])
    with pytest.raises(Failure, match="damaged"):
        await bring_back(backup, empty)
    rows.write_bytes(whole)


async def test_an_interrupted_restore_is_repeated(there: Place, folder: Path, empty: Place) -> None:
    keys = [await there.add_final(), await there.add_final()]
    await interrupted_restore((await take(there, folder)).backup, empty)
    await empty.store.remove([keys[0]])
    await empty.store.put_file(keys[1], b"fin", "image/jpeg")
    said = await empty.run("restore", str(folder))

    assert "2 files" in said
    assert await empty.store.sizes() == await there.store.sizes()


async def test_an_interrupted_restore_is_repeated_with_its_backup_and_its_database_only(
    there: Place, folder: Path, empty: Place, another: Place
) -> None:
    await there.add_final()
    first = (await take(there, folder)).backup
    await take(there, folder)
    await interrupted_restore(first, empty)

    assert "Restore into a new one" in await empty.run("restore", str(folder), ok=4)
    into_another = ("restore", str(first.path), f"--database-url={another.database_url}")
    assert "Restore into a new one" in await empty.run(*into_another, ok=4)
    await empty.run("restore", str(first.path))


class Unmarking(ObjectStore):
    """A store that goes away when a restore is nearly done."""

    async def remove(self, keys: Iterable[str]) -> None:
        raise StoreUnreachable("it is gone")


async def test_a_restore_that_was_killed_at_its_very_end_is_told_to_be_done(
    there: Place, folder: Path, empty: Place
) -> None:
    await there.add_final()
    backup, leaving = (await take(there, folder)).backup, Unmarking(empty.s3_url)
    with pytest.raises(StoreUnreachable):
        await restore(backup, empty.database_url, leaving, progress())
    await leaving.close()

    for _ in range(2):
        assert "Nothing was left to do" in await empty.run("restore", str(folder))
        assert await empty.store.sizes() == await there.store.sizes()


async def test_a_service_that_migrated_an_interrupted_restores_database_makes_it_no_restored_one(
    there: Place, folder: Path, empty: Place
) -> None:
    await there.add_final()
    await interrupted_restore((await take(there, folder)).backup, empty)
    await migrate(empty.database_url, "gateway")

    assert "not empty" in await empty.run("restore", str(folder), ok=4)


async def test_a_restore_into_the_bucket_of_what_was_backed_up_is_refused(
    there: Place, folder: Path, empty: Place
) -> None:
    key = await there.add_final()
    await take(there, folder)
    before = await there.store.sizes()
    said = await empty.run("restore", str(folder), f"--s3-url={there.s3_url}", ok=4)

    assert key.rpartition("/")[0] in said
    assert "Is PHOTOFERRY_S3_URL right? Restore into a new one." in said
    assert await there.store.sizes() == before
    assert await empty.connection.fetchval("SELECT to_regclass('orders.gallery')") is None


async def test_a_restore_into_what_is_not_empty_is_refused(there: Place, folder: Path, empty: Place) -> None:
    await there.add_final()
    backup = (await take(there, folder)).backup
    into_used = ["restore", str(folder), f"--database-url={there.database_url}"]
    assert "restore into a new one" in await empty.run(*into_used, ok=4)
    assert await empty.store.sizes() == {}
    with pytest.raises(Failure, match="restore into a new one"):
        await load(there.connection, backup, progress().rows)
    await empty.store.put_file("galleries/of/another", b"x", "image/jpeg")

    assert "galleries/of/another" in await empty.run("restore", str(folder), ok=4)
    assert await empty.connection.fetchval("SELECT to_regclass('orders.gallery')") is None


async def test_a_backup_of_a_newer_photoferry_is_refused(there: Place, folder: Path, empty: Place) -> None:
    about = (await take(there, folder)).backup.path / ABOUT
    fields = json.loads(about.read_text())
    fields["migrations"]["orders"].append("services.orders/9999_future.sql")
    about.write_text(json.dumps(fields))
    assert "9999_future.sql" in await empty.run("restore", str(folder), ok=4)


@pytest.mark.parametrize("content", [b"{}", b"", b"\xff", b'{"taken_at": 1,'])
async def test_a_damaged_description_of_a_backup_is_one_sentence(
    there: Place, folder: Path, empty: Place, content: bytes
) -> None:
    about = (await take(there, folder)).backup.path / ABOUT
    about.write_bytes(content)
    said = await empty.run("restore", str(folder), ok=4)

    assert f"{about} is damaged, or of a newer Photoferry: restore another backup, or install that." in said
    assert "pydantic" not in said


@pytest.mark.parametrize("damage", ["cut", "emptied", "flipped", "removed"])
@pytest.mark.parametrize("part", ["transfers.file.gz", "objects.gz", "a final"])
async def test_a_damaged_backup_changes_nothing(
    there: Place, folder: Path, empty: Place, part: str, damage: str
) -> None:
    key = await there.add_final()
    backup = (await take(there, folder)).backup
    path = backup.file(key) if part == "a final" else backup.path / part
    content = path.read_bytes()
    flipped = content[:-1] + bytes([content[-1] ^ 1])
    path.write_bytes({"cut": content[:-3], "emptied": b"", "flipped": flipped, "removed": b""}[damage])
    if damage == "removed":
        path.unlink()
    with pytest.raises(Failure, match=r"damaged|instead of"):
        await bring_back(backup, empty)

    assert await empty.connection.fetchval("SELECT to_regclass('orders.gallery')") is None


async def test_a_file_that_is_damaged_in_the_folder_is_copied_again(there: Place, folder: Path, empty: Place) -> None:
    cut, flipped = await there.add_final(), await there.add_final()
    shared = (await take(there, folder)).backup.shared
    shared(cut).write_bytes(b"fin")
    shared(flipped).write_bytes(b"FINAL")
    await there.run("backup", str(folder))  # the size is looked at each time
    assert [shared(key).read_bytes() for key in (cut, flipped)] == [b"final", b"FINAL"]
    assert flipped in await empty.run("restore", str(folder), ok=1)
    await there.run("backup", str(folder), "--check")

    assert shared(flipped).read_bytes() == b"final"


async def test_an_interrupted_backup_goes_on(there: Place, folder: Path) -> None:
    await there.add_final()
    first = Watched(times=2)
    async with there.connection.transaction():
        await there.connection.execute("LOCK TABLE orders.studio")  # the backup waits here, and has all files
        taking = asyncio.create_task(take(there, folder, seen=first))
        await first.reached.wait()
        taking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await taking
    second = progress()
    taken = await take(there, folder, seen=second)

    assert (first.files, second.files, len(taken.backup.objects())) == (2, 0, 2)


async def test_a_backup_of_before_there_were_checksums_is_refused(there: Place, folder: Path, empty: Place) -> None:
    await there.add_final()
    path = (await take(there, folder)).backup.path / "objects.gz"
    path.write_bytes(gzip.compress(b"5\tgalleries/a\n5\tgalleries/b\n"))

    assert "no checksums" in await empty.run("restore", str(folder), ok=1)


async def test_where_there_is_nothing_to_back_up_or_restore_it_says_so(empty: Place, folder: Path) -> None:
    assert "PHOTOFERRY_DATABASE_URL" in await empty.run("backup", str(folder), ok=4)
    assert "'photoferry backup' makes one" in await empty.run("restore", str(folder), ok=4)


async def test_servers_that_do_not_answer_are_named(there: Place, folder: Path) -> None:
    nowhere = "http://key:secret@127.0.0.1:1/bucket"
    assert "object store does not answer" in await there.run("backup", str(folder), f"--s3-url={nowhere}", ok=5)
    elsewhere = "--database-url=postgresql://a:b@127.0.0.1:1/c"
    assert "PostgreSQL cannot be reached" in await there.run("backup", str(folder), elsewhere, ok=5)
    assert "must look like" in await there.run("backup", str(folder), "--s3-url=nothing", ok=4)
    no_bucket = there.s3_url + "-not"
    assert "no bucket named" in await there.run("backup", str(folder), f"--s3-url={no_bucket}", ok=5)


async def test_a_disk_that_takes_no_more_is_told_and_the_next_run_goes_on(there: Place, folder: Path) -> None:
    await there.add_final(content=b"small")
    await there.add_final(content=b"x" * 100_000)
    said = await there.run("backup", str(folder), ok=1, largest_file=50_000)
    assert "File too large" in said
    assert not Backups(folder).finished()
    await there.run("backup", str(folder))

    assert files_in(folder / "objects") == set(await there.store.sizes())


async def test_one_backup_at_a_time_is_taken_into_a_folder(there: Place, folder: Path) -> None:
    with Backups(folder).locked():
        assert "Another backup" in await there.run("backup", str(folder), ok=4)


async def test_no_service_migrates_while_it_is_backed_up(there: Place, folder: Path) -> None:
    key = await there.add_final()
    await there.store.remove([key])
    seen = Watched(times=2)
    taking = asyncio.create_task(take(there, folder, seen=seen))
    await seen.reached.wait()
    await there.connection.execute("SET lock_timeout = 50")
    with pytest.raises(asyncpg.LockNotAvailableError):
        await apply_migrations(there.connection, "orders", known_migrations("orders"))
    await there.store.put_file(key, b"final", "image/jpeg")

    assert (await taking).backup.about.missing == ()


async def test_all_tables_are_of_one_moment(there: Place, folder: Path, empty: Place) -> None:
    seen = Watched(times=2)
    async with there.connection.transaction():
        await there.connection.execute("LOCK TABLE orders.studio")  # the backup waits here, in its snapshot
        taking = asyncio.create_task(take(there, folder, seen=seen))
        await seen.reached.wait()
        await there.connection.execute("INSERT INTO orders.studio VALUES ($1, '{}', 1)", uuid4())
    await bring_back((await taking).backup, empty)

    assert await empty.connection.fetchval("SELECT count(*) FROM orders.studio") == 0


async def test_half_a_file_is_none(tmp_path: Path) -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\nConnection: close\r\n\r\nhalf")
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1") as server:
        store = ObjectStore(f"http://key:secret@127.0.0.1:{server.sockets[0].getsockname()[1]}/bucket")
        with pytest.raises(StoreUnreachable):
            await copying.fetch(store, {"key": tmp_path / "key"}, lambda *_: None)
        await store.close()

    assert not (tmp_path / "key").exists()


async def test_one_of_several_backups_may_be_chosen(there: Place, folder: Path) -> None:
    first, second = [(await take(there, folder)).backup.path for _ in range(2)]

    assert chosen(folder).path == second
    assert chosen(first).path == first
