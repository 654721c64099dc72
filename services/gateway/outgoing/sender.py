"""Sends deliveries, each endpoint's apart from the others': one that hangs delays nobody else."""

import asyncio
from collections import Counter
from contextlib import suppress
from datetime import UTC, datetime
from uuid import UUID

import aiohttp
import structlog
from aiohttp.abc import AbstractResolver

from chassis.db import Database
from chassis.periodic import for_ever
from services.gateway import standard_webhooks
from services.gateway.outgoing import deliveries, news
from services.gateway.outgoing.addresses import NotPublic, public_socket
from services.gateway.outgoing.deliveries import Due
from services.gateway.signing import Signer

log = structlog.get_logger()

EVERY = 1.0
"""Seconds between looks for what is due."""
WITHIN = 15.0
"""Seconds for a whole try."""
AT_ONCE = 100
"""Tries in this process."""
LONGEST_ANSWER = 4_000
"""Bytes that are read of an answer."""


class Sender:
    """Takes what is due and tries it, until cancelled."""

    def __init__(self, db: Database, signer: Signer, names: AbstractResolver, *, private: bool) -> None:
        """`private`: endpoints may also be inside the operator's own network."""
        self._db = db
        self._signer = signer
        self._names = names
        self._private = private
        connector = aiohttp.TCPConnector(
            resolver=names, use_dns_cache=False, socket_factory=None if private else public_socket
        )
        self._http = aiohttp.ClientSession(
            connector=connector, timeout=aiohttp.ClientTimeout(total=WITHIN), cookie_jar=aiohttp.DummyCookieJar()
        )
        self._trying: dict[asyncio.Task[None], UUID] = {}
        self._look = asyncio.Event()

    async def run(self) -> None:
        """Look for what is due, again and again."""
        await for_ever("sending webhooks", self._start_due, every=EVERY, sooner=self._look)

    async def close(self) -> None:
        """Give up what is being tried: it is tried again later, with the same id."""
        for task in self._trying:
            task.cancel()
        await asyncio.gather(*self._trying, return_exceptions=True)
        await self._http.close()
        await self._names.close()

    async def _start_due(self) -> None:
        await news.queue(self._db)
        at_each = Counter(self._trying.values())
        busy = [endpoint_id for endpoint_id, tries in at_each.items() if tries >= deliveries.PER_ENDPOINT]
        room = AT_ONCE - len(self._trying)
        for due in await deliveries.take_due(self._db, busy, room) if room else ():
            task = asyncio.create_task(self._try(due))
            self._trying[task] = due.endpoint_id
            task.add_done_callback(self._tried)

    def _tried(self, task: asyncio.Task[None]) -> None:
        del self._trying[task]
        if not task.cancelled() and (error := task.exception()):
            log.warning("a webhook is tried again later", error=f"{type(error).__name__}: {error}")
        self._look.set()

    async def _try(self, due: Due) -> None:
        try:
            status, answer = await self._send(due)
        except aiohttp.ClientConnectorDNSError as error:
            status, answer = None, str(error.__cause__ or error) if self._private else str(NotPublic())
        except TimeoutError:
            status, answer = None, f"No answer within {WITHIN:g} s"
        except (aiohttp.ClientError, OSError, ValueError) as error:
            status, answer = None, str(error.__cause__ or error)
        await deliveries.note(self._db, due, status, answer)

    async def _send(self, due: Due) -> tuple[int, str]:
        secrets = [self._signer.endpoint_secret(due.endpoint_id, rotation) for rotation in due.rotations]
        headers = {
            "Content-Type": "application/json",
            "User-Agent": "Photoferry",
            **standard_webhooks.signed(due.event_id, due.body, secrets, datetime.now(UTC)),
        }
        async with self._http.post(due.url, data=due.body.encode(), headers=headers, allow_redirects=False) as answer:
            return answer.status, (await _beginning(answer.content)).decode(errors="replace")


async def _beginning(content: aiohttp.StreamReader) -> bytes:
    """The first `LONGEST_ANSWER` bytes; fewer, when it ends, breaks off or takes too long before."""
    read = b""
    with suppress(aiohttp.ClientError, TimeoutError):
        while len(read) < LONGEST_ANSWER and (piece := await content.read(LONGEST_ANSWER - len(read))):
            read += piece
    return read
