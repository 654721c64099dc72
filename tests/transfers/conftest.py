"""The transfers service's database, store, and decoders."""

from collections.abc import AsyncIterator
from itertools import count
from pathlib import Path

import pytest

from chassis.db import Database
from chassis.objects import ObjectStore
from services.transfers.intake import Intake
from services.transfers.jobs import Limits
from services.transfers.settings import TransfersSettings
from services.transfers.workshop import Workshop
from tests.conftest import OpenDatabase
from tests.infra import Servers
from tests.transfers.desk import Desk

_buckets = (f"transfers-{number}" for number in count(1))


@pytest.fixture
async def db(open_database: OpenDatabase) -> Database:
    """The service's own schema."""
    return await open_database("transfers")


@pytest.fixture
async def bucket_url(servers: Servers) -> str:
    """An empty bucket."""
    return await servers.store.create_bucket(next(_buckets))


@pytest.fixture
async def objects(bucket_url: str) -> AsyncIterator[ObjectStore]:
    """The object store."""
    store = ObjectStore(bucket_url)
    yield store
    await store.close()


@pytest.fixture(scope="session")
async def workshop() -> AsyncIterator[Workshop]:
    """Decoders, kept for the whole run."""
    decoders = Workshop(2, Limits(size=20_000_000))
    yield decoders
    await decoders.close()


@pytest.fixture
def scratch(tmp_path: Path) -> Path:
    """Where uploads are looked at; empty whenever nothing is."""
    folder = tmp_path / "scratch"
    folder.mkdir()
    return folder


@pytest.fixture
def settings(bucket_url: str) -> TransfersSettings:
    """What the service is told."""
    return TransfersSettings(database_url="postgresql://unused", rabbitmq_url="amqp://unused", s3_url=bucket_url)


@pytest.fixture
def desk(db: Database, objects: ObjectStore, workshop: Workshop, scratch: Path, settings: TransfersSettings) -> Desk:
    """A photographer with an empty gallery."""
    return Desk(db, objects, Intake(objects, workshop, scratch), settings)
