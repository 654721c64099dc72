"""A gateway process on a database, virtual host and bucket of its own, and all that a test wants of it."""

import secrets
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import TypeVar
from uuid import UUID

import aiohttp

from chassis.db import Database
from chassis.objects import ObjectStore
from chassis.publisher import Publisher
from contracts.base import Message, uuid7
from deploy.local.ports import HOST, free_port
from deploy.local.service import Service
from services.gateway import studios
from tests.gateway.client import Caller, StudioClient
from tests.infra import Servers
from tests.outbox import emitted
from tests.waiting import eventually

M = TypeVar("M", bound=Message)

_numbers = count(1)


@dataclass(frozen=True)
class RunningGateway:
    """A gateway that is ready. `client` is nobody in particular; `studio()` makes photographers."""

    client: Caller
    service: Service
    database_url: str
    db: Database
    """The gateway's own schema."""
    store: ObjectStore
    publisher: Publisher
    secret: str
    """What it shares with the notifier."""

    @property
    def url(self) -> str:
        """Where it is; also the beginning of its links."""
        return self.service.url

    async def studio(self, *, locale: str = "en") -> StudioClient:
        """A new photographer, with an API token; without a password, as hashing one takes long."""
        studio_id, token, email = uuid7(), secrets.token_urlsafe(), f"{secrets.token_hex(8)}@example.com"
        async with self.db.transaction() as tx:
            await studios.add(tx, studio_id, name="Studio Żółw", email=email, password_hash="", locale=locale)
            await studios.add_token(tx, studio_id, uuid7(), "tests", token)
        return StudioClient(self.client.http, self.url, {"Authorization": f"Bearer {token}"})

    async def tell(self, *messages: Message) -> None:
        """Publish what another service would, and return when the view has it."""
        for message in messages:
            await self.publisher.publish_event(
                message.topic, str(message.message_id), message.model_dump_json().encode()
            )
        ids = {message.message_id for message in messages}
        await eventually(lambda: self._has_handled(ids))

    async def sent(self, kind: type[M], number: int = 1) -> list[M]:
        """The messages of one kind that the gateway has sent, as soon as there are `number` of them."""

        async def look() -> list[M]:
            found = [message for message in await emitted(self.db) if isinstance(message, kind)]
            return found if len(found) >= number else []

        return await eventually(look)

    async def _has_handled(self, ids: set[UUID]) -> bool:
        found = await self.db.pool.fetchval(
            "SELECT count(DISTINCT message_id) FROM inbox WHERE message_id = ANY($1)", ids
        )
        return bool(found == len(ids))


@asynccontextmanager
async def running_gateway(
    servers: Servers, folder: Path, *, beside: tuple[str, ...] = ("orders",), s3_url: str | None = None, **settings: str
) -> AsyncIterator[RunningGateway]:
    """A gateway, with the services `beside` it; what these do not do, a test tells it by messages.

    `settings` by the names of `GatewaySettings`, as they stand in the environment; `s3_url` for a store of the test's.
    """
    name = f"gateway-{next(_numbers)}"
    database_url = await servers.postgres.create_database(name)
    rabbitmq_url = await servers.rabbitmq.add_vhost(name)
    s3_url = s3_url or await servers.store.create_bucket(name)
    env = _environment(database_url, rabbitmq_url, s3_url, f"http://{HOST}:{(port := free_port())}", settings)
    async with AsyncExitStack() as stack:
        services = [
            Service(each, f"services.{each}", folder / each, env=env, log=folder / f"{each}.log", port=at)
            for each, at in {"gateway": port, **dict.fromkeys(beside)}.items()
        ]
        for service in services:
            await stack.enter_async_context(service)
        for service in services:
            await service.ready()
        http = await stack.enter_async_context(aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()))
        store = ObjectStore(s3_url)
        stack.push_async_callback(store.close)
        publisher = await Publisher.open(rabbitmq_url)
        stack.push_async_callback(publisher.close)
        db = await Database.open(database_url, "gateway")
        stack.push_async_callback(db.close)
        client = Caller(http, services[0].url)
        yield RunningGateway(client, services[0], database_url, db, store, publisher, env["PHOTOFERRY_SECRET"])
    await servers.postgres.drop_database(name)


def _environment(
    database_url: str, rabbitmq_url: str, s3_url: str, public_url: str, settings: dict[str, str]
) -> dict[str, str]:
    told = {
        "database_url": database_url,
        "rabbitmq_url": rabbitmq_url,
        "s3_url": s3_url,
        "public_url": public_url,
        "secret": secrets.token_hex(32),
        "signup": "open",
        "rate_limits": "off",
        "wait_for_view": "60",  # a busy machine, too, answers with the result
        **settings,
    }
    return {f"PHOTOFERRY_{name.upper()}": value for name, value in told.items()}
