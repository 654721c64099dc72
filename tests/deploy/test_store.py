from datetime import timedelta
from pathlib import Path

import aiohttp
import pytest
from minio import Minio
from yarl import URL

from deploy.local.servers import LocalError, MinioStore, ObjectStore, RcloneStore, object_store
from deploy.local.store import find_minio
from tests.deploy.processes import listens_beyond_its_address, processes_of

KINDS = [
    pytest.param(MinioStore, marks=pytest.mark.skipif(not find_minio(), reason="minio is not installed")),
    RcloneStore,
]


def presigned(store: ObjectStore, method: str, key: str) -> str:
    url = URL(store.url)
    client = Minio(
        f"{url.host}:{url.port}", access_key=url.user, secret_key=url.password, region="us-east-1", secure=False
    )
    return client.get_presigned_url(method, url.path.strip("/"), key, expires=timedelta(minutes=5))


@pytest.mark.parametrize("kind", KINDS)
async def test_presigned_urls_work_from_a_browser_and_objects_outlive_a_restart(
    kind: type[ObjectStore], tmp_path: Path
) -> None:
    async with kind(tmp_path / "store") as store, aiohttp.ClientSession() as http:
        assert not listens_beyond_its_address(store.port)
        async with http.put(presigned(store, "PUT", "a/ż.jpg"), data=b"kept", headers={"Origin": "http://x"}) as put:
            assert put.status == 200
            assert put.headers["Access-Control-Allow-Origin"] in ("*", "http://x")
        url = presigned(store, "GET", "a/ż.jpg")
        await store.stop()
        await store.start()
        async with http.get(url) as got:
            assert await got.read() == b"kept"

    assert processes_of(tmp_path) == []


@pytest.fixture
def _no_minio(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("PATH", "/usr/bin:/bin")
    monkeypatch.delenv("GOBIN", raising=False)
    if find_minio():
        pytest.skip("minio is installed where it cannot be hidden")


@pytest.mark.usefixtures("_no_minio")
async def test_without_minio_rclone_serves(tmp_path: Path) -> None:
    assert isinstance(object_store(tmp_path / "store"), RcloneStore)


@pytest.mark.usefixtures("_no_minio")
async def test_a_folder_that_minio_filled_is_not_given_to_rclone(tmp_path: Path) -> None:
    (tmp_path / "store" / "minio").mkdir(parents=True)

    with pytest.raises(LocalError, match="make minio"):
        await object_store(tmp_path / "store").start()


async def test_a_folder_that_rclone_filled_stays_with_it(tmp_path: Path) -> None:
    (tmp_path / "store" / "rclone").mkdir(parents=True)

    assert isinstance(object_store(tmp_path / "store"), RcloneStore)
