"""`make up`."""

import asyncio
import signal
from collections.abc import Mapping
from contextlib import suppress

from deploy.local.config import Config
from deploy.local.supervisor import MODULES, Supervisor

STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


async def up(config: Config, modules: Mapping[str, str] = MODULES) -> None:
    """Runs everything until Ctrl-C or SIGTERM."""
    _stop_on_signals()
    with suppress(asyncio.CancelledError):
        async with Supervisor(config, modules) as stack:
            print(f"Photoferry is ready at {stack.url}", flush=True)
            if mail := stack.servers.mail:
                print(f"Its mails can be read at {mail.web_url}", flush=True)
            print(f"Operators' commands find their settings in {stack.operator_env}", flush=True)
            await asyncio.Event().wait()


def _stop_on_signals() -> None:
    """The first signal ends the task; more of them do not disturb it while it stops everything."""
    loop = asyncio.get_running_loop()
    task = asyncio.current_task()
    stopping = False

    def stop() -> None:
        nonlocal stopping
        if task and not stopping:
            stopping = True
            print("Stopping", flush=True)
            task.cancel()

    for sign in STOPPING:
        loop.add_signal_handler(sign, stop)
