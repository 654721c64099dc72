"""One process of a Photoferry service."""

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import ClassVar

import aiohttp

from deploy.local.errors import LocalError
from deploy.local.ports import HOST
from deploy.local.process import Command
from deploy.local.python import python_command
from deploy.local.server import Server


class Service(Server):
    """`python -m <module>`, with arguments where `module` has some, configured by its environment.

    Starting it does not wait until it can work, as that may depend on servers which are down; `ready` does.
    """

    stop_timeout: ClassVar[float] = 40  # a message in hand may be a 200 MB picture
    ready_timeout: ClassVar[float] = 120

    def __init__(
        self, name: str, module: str, folder: Path, *, env: Mapping[str, str], log: Path, port: int | None = None
    ) -> None:
        self.name = name
        super().__init__(folder, port=port, log=log)
        self._module = module
        self._service_env = env

    @property
    def url(self) -> str:
        """Where it serves HTTP: `/livez`, `/readyz`, `/metrics`."""
        return f"http://{HOST}:{self.port}"

    async def ready(self) -> None:
        """Returns when its `/readyz` answers 200; LocalError after two minutes."""
        answer = "nothing"
        try:
            async with asyncio.timeout(self.ready_timeout), aiohttp.ClientSession() as http:
                while True:
                    answer = await self._readiness(http)
                    if answer == "200":
                        return
                    await asyncio.sleep(0.1)
        except TimeoutError:
            raise LocalError(self._failure(f"is not ready: /readyz answered {answer}")) from None

    def _command(self) -> Command:
        env = {**self._service_env, "PHOTOFERRY_HOST": HOST, "PHOTOFERRY_PORT": str(self.port)}
        return python_command(*self._module.split(), env=env, log=self.log)

    async def _answers(self) -> bool:
        return True

    async def _readiness(self, http: aiohttp.ClientSession) -> str:
        try:
            async with http.get(f"{self.url}/readyz", timeout=aiohttp.ClientTimeout(total=5)) as answer:
                return "200" if answer.status == 200 else f"{answer.status} {await answer.text()}"
        except (aiohttp.ClientError, OSError) as error:
            return f"not at all ({error})"
