"""A photographer's own system: takes webhooks as it is told to."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web
from standardwebhooks import Webhook, WebhookVerificationError

from deploy.local.ports import HOST, free_port
from tests.waiting import eventually


@dataclass
class Receiver:
    """`statuses` are its next answers, 200 when there are no more; None: it does not answer at all.

    `says`: what its answers begin with.
    """

    url: str
    statuses: list[int | None] = field(default_factory=list)
    heard: list[dict[str, Any]] = field(default_factory=list)
    ids: list[str] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)
    says: str = "answer"

    async def receive(self, request: web.Request) -> web.Response:
        """One webhook."""
        self.bodies.append(await request.read())
        self.headers.append(dict(request.headers))
        self.ids.append(request.headers["webhook-id"])
        status = self.statuses.pop(0) if self.statuses else 200
        if status is None:
            await asyncio.Event().wait()
        elif status == 200:
            self.heard.append(await request.json())
        headers = {"Location": f"{self.url}/else"}
        return web.Response(status=status or 200, text=f"{self.says} {status}", headers=headers)

    async def kinds(self, number: int) -> list[str]:
        """The types of what it has taken, as soon as there are `number` of them."""

        async def look() -> list[str]:
            kinds = [event["type"] for event in self.heard]
            return kinds if len(kinds) >= number else []

        return await eventually(look, within=30)

    def verify(self, secret: str) -> None:
        """Raises unless the last webhook was signed by this secret."""
        Webhook(secret).verify(self.bodies[-1], self.headers[-1])

    def is_signed_by(self, secret: str) -> bool:
        """Whether the last webhook was signed by this secret."""
        try:
            self.verify(secret)
        except WebhookVerificationError:
            return False
        return True


@asynccontextmanager
async def receiver(*statuses: int | None) -> AsyncIterator[Receiver]:
    """A system on loopback."""
    port = free_port()
    receiving = Receiver(f"http://{HOST}:{port}/hook", list(statuses))
    app = web.Application()
    app.router.add_post("/hook", receiving.receive)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, HOST, port).start()
    try:
        yield receiving
    finally:
        await runner.cleanup()
