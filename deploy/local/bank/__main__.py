"""`python -m deploy.local.bank`: the pretend bank as a process of its own."""

import argparse
import asyncio
from collections.abc import Sequence
from pathlib import Path

import uvicorn

from deploy.local.bank.checkouts import Checkouts
from deploy.local.bank.web import pages
from deploy.local.ports import HOST


async def serve(folder: Path, port: int) -> None:
    """Serves until SIGTERM or SIGINT."""
    app = pages(Checkouts(folder))
    config = uvicorn.Config(app, host=HOST, port=port, access_log=False, timeout_graceful_shutdown=1)
    await uvicorn.Server(config).serve()


def main(arguments: Sequence[str] | None = None) -> None:
    """Reads the arguments and serves."""
    parser = argparse.ArgumentParser(prog="python -m deploy.local.bank", description=__doc__)
    parser.add_argument("--folder", type=Path, required=True, help="where checkouts are kept")
    parser.add_argument("--port", type=int, required=True)
    options = parser.parse_args(arguments)
    asyncio.run(serve(options.folder, options.port))


if __name__ == "__main__":
    main()
