"""`python -m deploy.local.mail`: the mail catcher as a process of its own."""

import argparse
import asyncio
from collections.abc import Sequence
from pathlib import Path

import uvicorn
from aiosmtpd.smtp import SMTP

from deploy.local.mail.mailbox import Mailbox
from deploy.local.mail.smtp import Catcher
from deploy.local.mail.web import pages
from deploy.local.ports import HOST


async def serve(folder: Path, smtp_port: int, web_port: int, host: str = HOST) -> None:
    """Serves both sides until SIGTERM or SIGINT."""
    mailbox = Mailbox(folder)
    catcher = Catcher(mailbox)
    loop = asyncio.get_running_loop()
    config = uvicorn.Config(pages(mailbox), host=host, port=web_port, access_log=False, timeout_graceful_shutdown=1)
    async with await loop.create_server(
        lambda: SMTP(catcher, enable_SMTPUTF8=True, hostname="localhost", loop=loop), host, smtp_port
    ):
        await uvicorn.Server(config).serve()


def main(arguments: Sequence[str] | None = None) -> None:
    """Reads the arguments and serves."""
    parser = argparse.ArgumentParser(prog="python -m deploy.local.mail", description=__doc__)
    parser.add_argument("--folder", type=Path, required=True, help="where mails are kept")
    parser.add_argument("--host", default=HOST, help="address to listen on")
    parser.add_argument("--smtp-port", type=int, required=True)
    parser.add_argument("--web-port", type=int, required=True)
    options = parser.parse_args(arguments)
    asyncio.run(serve(options.folder, options.smtp_port, options.web_port, options.host))


if __name__ == "__main__":
    main()
