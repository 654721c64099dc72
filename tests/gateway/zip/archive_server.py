"""A server that streams archives and nothing else, in a process of its own: `GET /{name}`."""

import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

import uvicorn
from pydantic import TypeAdapter
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from chassis.objects import ObjectStore
from deploy.local.ports import HOST
from deploy.local.process import Command
from deploy.local.server import Server
from services.gateway.zip.layout import Layout
from services.gateway.zip.objects import ObjectReader, store_session
from services.gateway.zip.records import Entry
from services.gateway.zip.response import zip_response

_ARCHIVES = TypeAdapter(Mapping[str, Sequence[Entry]])
_ROOT = Path(__file__).parents[3]


class ArchiveServer(Server):
    """Streams the given archives, by name, from the bucket at `store_url`, as the gateway would: uvicorn, uvloop."""

    name = "archives"

    def __init__(self, folder: Path, store_url: str, archives: Mapping[str, Sequence[Entry]]) -> None:
        super().__init__(folder)
        self._store_url = store_url
        self._archives = archives

    def url(self, name: str) -> str:
        """Where an archive is."""
        return f"http://{HOST}:{self.port}/{name}"

    async def _prepare(self) -> None:
        (self.folder / "archives.json").write_bytes(_ARCHIVES.dump_json(self._archives))

    def _command(self) -> Command:
        arguments = (str(self.port), self._store_url, str(self.folder / "archives.json"))
        argv = (sys.executable, "-m", __name__, *arguments)
        return Command(argv=argv, env=self._base_env() | {"PYTHONPATH": str(_ROOT)}, log=self.log)


def _app(store_url: str, archives: Mapping[str, Sequence[Entry]]) -> Starlette:
    layouts = {name: Layout.of(entries) for name, entries in archives.items()}
    store = ObjectStore(store_url)

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        async with store_session() as session:
            app.state.objects = ObjectReader(session, partial(store.presign_get, expires=300))
            yield

    async def send(request: Request) -> Response:
        name = request.path_params["name"]
        return zip_response(request.method, request.headers, layouts[name], name, request.app.state.objects)

    return Starlette(routes=[Route("/{name}", send)], lifespan=lifespan)


if __name__ == "__main__":
    port, store_url, path = sys.argv[1:]
    app = _app(store_url, _ARCHIVES.validate_json(Path(path).read_bytes()))
    uvicorn.run(app, host=HOST, port=int(port), access_log=False)
