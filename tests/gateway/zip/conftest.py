"""Real stores with objects in them, and a server that streams archives of them."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from functools import partial

import pytest

from chassis.objects import ObjectStore
from deploy.local.servers import RcloneStore
from services.gateway.zip.objects import ObjectReader, store_session
from tests.infra import Servers

PutAll = Callable[[Mapping[str, bytes]], Awaitable[None]]


@pytest.fixture(scope="session", params=["the run's store", "rclone"])
async def bucket_url(
    request: pytest.FixtureRequest, servers: Servers, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[str]:
    """A bucket in each kind of store: they answer ranges with other statuses."""
    if request.param != "rclone":
        yield await servers.store.create_bucket("zip")
        return
    async with RcloneStore(tmp_path_factory.mktemp("rclone")) as rclone:
        yield rclone.url


@pytest.fixture
async def objects(bucket_url: str) -> AsyncIterator[ObjectReader]:
    """What archives are read with."""
    store = ObjectStore(bucket_url)
    async with store_session() as session:
        yield ObjectReader(session, partial(store.presign_get, expires=300))
    await store.close()


@pytest.fixture
async def put(bucket_url: str) -> AsyncIterator[PutAll]:
    """Write objects by key."""
    store = ObjectStore(bucket_url)

    async def put_all(contents: Mapping[str, bytes]) -> None:
        for key, content in contents.items():
            await store.put_file(key, content, "image/jpeg")

    yield put_all
    await store.close()
