"""Scripts and styles as the bundler has made them; their names change with their content, so browsers keep them."""

import json
from pathlib import Path
from typing import Any

from starlette.middleware.gzip import GZipMiddleware
from starlette.responses import Response
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

DIST = Path(__file__).parent / "dist"


class _Kept(StaticFiles):
    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(path, scope)
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
        return response


def static_route() -> Mount:
    """`/static/…`. Raises `RuntimeError` when nothing is built: run `make setup`."""
    return Mount("/static", GZipMiddleware(_Kept(directory=DIST)))


def asset_urls() -> dict[str, str]:
    """`{"client.js": "/static/client-4QX7AB2C.js", …}` for every entry of the bundle. Raises `FileNotFoundError`."""
    built: dict[str, Any] = json.loads((DIST / "meta.json").read_text())["outputs"]
    entries = {path: Path(output["entryPoint"]).name for path, output in built.items() if "entryPoint" in output}
    return {entry: f"/static/{Path(path).name}" for path, entry in entries.items()}
