"""The servers that tests run on: private local ones or containers (`PHOTOFERRY_TEST_INFRA`). No test knows which."""

import os
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import pytest

from deploy.local.servers import MailCatcher, Postgres, RabbitMQ, object_store


class Databases(Protocol):
    """A PostgreSQL server that makes databases."""

    async def create_database(self, name: str) -> str: ...

    async def drop_database(self, name: str) -> None: ...


class Vhosts(Protocol):
    """A RabbitMQ node that makes virtual hosts."""

    async def add_vhost(self, name: str) -> str: ...


class Buckets(Protocol):
    """An S3 store that makes buckets."""

    async def create_bucket(self, name: str) -> str: ...


@dataclass(frozen=True)
class Servers:
    """Running servers, and what a test may ask of each."""

    postgres: Databases
    rabbitmq: Vhosts
    store: Buckets
    mail: MailCatcher


@asynccontextmanager
async def start_servers(folder: Path) -> AsyncIterator[Servers]:
    """All four, in the kind that the environment asks for."""
    async with AsyncExitStack() as stack:
        mail = await stack.enter_async_context(MailCatcher(folder / "mail"))
        if os.environ.get("PHOTOFERRY_TEST_INFRA") == "containers":
            from tests.containers import start_containers

            postgres, rabbitmq, store = await start_containers(stack)
            yield Servers(postgres, rabbitmq, store, mail)
        else:
            yield Servers(
                await stack.enter_async_context(Postgres(folder / "postgres", durable=False)),
                await stack.enter_async_context(RabbitMQ(folder / "rabbitmq")),
                await stack.enter_async_context(object_store(folder / "store")),
                mail,
            )


@pytest.fixture(scope="session")
async def servers(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Servers]:
    """Real servers, for the whole run."""
    async with start_servers(tmp_path_factory.mktemp("servers")) as running:
        yield running
