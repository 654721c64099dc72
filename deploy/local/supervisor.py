"""Keeps a whole Photoferry running: the private servers, then every service as its own process."""

import asyncio
from collections.abc import Coroutine, Iterable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from deploy.local.config import SERVICES, Config
from deploy.local.errors import LocalError
from deploy.local.folder import DataFolder
from deploy.local.kept import Kept
from deploy.local.parts import PrivateServers, services, write_operator_env
from deploy.local.ports import is_free
from deploy.local.server import Server
from deploy.local.service import Service

MODULES = {name: f"services.{name}" for name in SERVICES}


class Supervisor:
    """`async with Supervisor(config) as stack` returns when every service is ready, and leaves nothing at its end.

    Processes go by the names of their log files: `gateway`, `orders-2`, `rabbitmq`. What ends by itself is started
    again. `modules` are the services to run, each with its Python module.
    """

    servers: PrivateServers
    services: dict[str, Service]

    def __init__(self, config: Config, modules: Mapping[str, str] = MODULES) -> None:
        self.config = config
        self._modules = modules
        self._folder = DataFolder(config.data)
        self._kept: dict[str, Kept] = {}
        self.services = {}

    @property
    def url(self) -> str:
        """Where people reach it."""
        return self.config.public_url

    @property
    def operator_env(self) -> Path:
        """The settings of the services, for a shell."""
        return self._folder.operator_env

    def pid(self, name: str) -> int:
        """The id of the process that does the work."""
        return self._kept[name].server.pid

    def log(self, name: str) -> Path:
        """The log of a process."""
        return self._folder.log(name)

    async def start(self, name: str) -> None:
        """Starts what was stopped; `ready` tells when a service can work."""
        await self._kept[name].start()

    async def stop(self, name: str) -> None:
        """Stops a service or server cleanly; it stays stopped until `start`."""
        await self._kept[name].stop()

    async def kill(self, name: str) -> None:
        """Ends it as a power cut would; the supervisor starts it again."""
        await self._kept[name].server.kill()

    async def ready(self, *names: str) -> None:
        """Returns when these services, or all of them, are ready; LocalError when that takes too long."""
        await _together(self.services[name].ready() for name in names or self.services)

    async def __aenter__(self) -> Self:
        try:
            await self._open()
        except BaseException:
            await self._close()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._close()

    async def _open(self) -> None:
        self._folder.claim()
        if not is_free(self.config.port):
            raise LocalError(f"port {self.config.port} is taken: stop what listens there, or set PHOTOFERRY_PORT")
        self.servers = PrivateServers.of(self.config, self._folder)
        await self._launch(self.servers)
        urls = self.servers.urls(self.config)
        write_operator_env(self.config, self._folder, urls)
        self.services = {it.name: it for it in services(self.config, self._folder, self._modules, urls)}
        await self._launch(self.services.values())
        await self.ready()

    async def _launch(self, parts: Iterable[Server]) -> None:
        kept = {part.name: Kept(part, self._folder.pid(part.name)) for part in parts}
        self._kept |= kept
        await _together(part.start() for part in kept.values())

    async def _close(self) -> None:
        """Services first: what they have in hand needs the servers."""
        await _together(self.stop(name) for name in self.services if name in self._kept)
        await _together(self.stop(name) for name in self._kept)
        self._folder.release()


async def _together(work: Iterable[Coroutine[Any, Any, None]]) -> None:
    """Does all of it at once and to its end, then raises the first failure if there was one."""
    for failure in filter(None, await asyncio.gather(*work, return_exceptions=True)):
        raise failure
