"""A private object store: MinIO where it is installed, otherwise `rclone serve s3`."""

import asyncio
import os
import shutil
import sys
from pathlib import Path

from minio import Minio, S3Error
from urllib3.exceptions import HTTPError

from deploy.local.errors import LocalError
from deploy.local.ports import HOST
from deploy.local.process import Command
from deploy.local.secret_file import kept_secret
from deploy.local.server import Server

BUCKET = "photoferry"
ACCESS_KEY = "photoferry"


class ObjectStore(Server):
    """An S3 server with one bucket, named `photoferry`; browsers of any origin may use its presigned URLs."""

    name = "store"

    @property
    def url(self) -> str:
        """`http://access_key:secret_key@host:port/bucket`."""
        return self.bucket_url(BUCKET)

    def bucket_url(self, bucket: str) -> str:
        """The same for any of its buckets."""
        return f"http://{ACCESS_KEY}:{self._secret_key()}@{HOST}:{self.port}/{bucket}"

    async def create_bucket(self, bucket: str) -> str:
        """Makes a bucket (a name of 3 to 63 characters) unless it is there, and returns its URL."""
        await asyncio.to_thread(self._create_bucket, bucket)
        return self.bucket_url(bucket)

    async def _settle(self) -> None:
        await self.create_bucket(BUCKET)

    def _create_bucket(self, bucket: str) -> None:
        client = Minio(
            f"{HOST}:{self.port}",
            access_key=ACCESS_KEY,
            secret_key=self._secret_key(),
            region="us-east-1",
            secure=False,
        )
        try:
            if not client.bucket_exists(bucket):
                client.make_bucket(bucket)
        except (S3Error, HTTPError) as error:
            raise LocalError(f"the object store did not make the bucket {bucket!r}: {error}") from error

    def _secret_key(self) -> str:
        return kept_secret(self.folder / "secret_key")

    @property
    def _data(self) -> Path:
        return self.folder / "data"


class MinioStore(ObjectStore):
    """MinIO, one node on one disk."""

    def _command(self) -> Command:
        env = self._base_env() | {
            "MINIO_ROOT_USER": ACCESS_KEY,
            "MINIO_ROOT_PASSWORD": self._secret_key(),
            "MINIO_BROWSER": "off",
            "MINIO_UPDATE": "off",
        }
        argv = (_minio(), "server", "--address", f"{HOST}:{self.port}", str(self._data))
        return Command(argv=argv, env=env, log=self.log)


class RcloneStore(ObjectStore):
    """`rclone serve s3` on a folder."""

    async def _prepare(self) -> None:
        self._data.mkdir(exist_ok=True)

    def _command(self) -> Command:
        options = {
            "RCLONE_ADDR": f"{HOST}:{self.port}",
            "RCLONE_ALLOW_ORIGIN": "*",
            "RCLONE_AUTH_KEY": f'"{ACCESS_KEY},{self._secret_key()}"',  # not an argument: anybody may list those
        }
        return Command(argv=(_rclone(), "serve", "s3", str(self._data)), env=self._base_env() | options, log=self.log)


def object_store(folder: Path, *, port: int | None = None, log: Path | None = None) -> ObjectStore:
    """The store that filled the folder, as the two keep files differently; in a new folder MinIO if it is installed."""
    if (folder / "rclone").exists() or not (find_minio() or (folder / "minio").exists()):
        return RcloneStore(folder / "rclone", port=port, log=log)
    return MinioStore(folder / "minio", port=port, log=log)


def find_minio() -> str | None:
    """The path of the MinIO server, or None: PATH, Go's folders, then where `make minio` puts it."""
    folders = [
        os.environ.get("PATH", os.defpath),
        os.environ.get("GOBIN", ""),
        str(Path.home() / "go" / "bin"),
        str(Path.home() / ".cache" / "photoferry" / "bin"),
    ]
    return shutil.which("minio", path=os.pathsep.join(filter(None, folders)))


def _minio() -> str:
    if found := find_minio():
        return found
    raise LocalError("minio is not installed: run 'make minio'")


def _rclone() -> str:
    beside_python = str(Path(sys.executable).parent)
    if found := shutil.which("rclone", path=os.pathsep.join((beside_python, os.environ.get("PATH", os.defpath)))):
        return found
    raise LocalError("rclone is not installed: run 'make setup'")
