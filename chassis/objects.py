"""The object store: plain S3 calls only, so that any S3 store serves. Objects are named by keys in one bucket."""

import asyncio
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import ParamSpec, TypeVar
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

from minio import Minio
from minio.commonconfig import REPLACE, CopySource
from minio.datatypes import Part
from minio.deleteobjects import DeleteObject
from minio.error import MinioException
from urllib3 import PoolManager, Retry, Timeout

from chassis import tracing
from chassis.disposition import attachment
from chassis.object_errors import (
    BadParts,
    ObjectChanged,
    ObjectMissing,
    ObjectTooLarge,
    StoreUnreachable,
    error_code,
    translated_errors,
)
from chassis.presigning import Presigner

PART_SIZE = 16 * 1024 * 1024
"""Bytes of each part of a multipart upload but the last; what is larger than this is uploaded in parts."""

_CHUNK = 1024 * 1024
_ALREADY_MADE = {"BucketAlreadyOwnedByYou", "BucketAlreadyExists"}

P = ParamSpec("P")
T = TypeVar("T")


@dataclass(frozen=True)
class StoredObject:
    """What the store says of an object."""

    size: int
    """Bytes."""
    etag: str
    """Changes with the content; without quotes."""
    content_type: str


class ObjectStore:
    """One bucket of an S3 store. Signing is immediate; all else runs in threads and may raise `StoreUnreachable`."""

    def __init__(
        self, url: str, *, public_base: str | None = None, connections: int = 8, hurried: bool = False
    ) -> None:
        """`url`: `http(s)://key:secret@host:port/bucket`, `?region=` unless it is us-east-1. No network yet.

        `public_base`: what presigned URLs begin with instead of the store's own scheme and host, where a proxy forwards
        their path, query and body unchanged. `connections`: how many calls run at once. `hurried`: a call is tried
        once, for less than ten seconds.
        """
        address = _checked(url)
        host = _host(address)
        self.bucket = address.path.strip("/")
        self.origin = f"{address.scheme}://{host}"
        self._presigner = Presigner(
            access_key=unquote(address.username or ""),
            secret_key=unquote(address.password or ""),
            region=parse_qs(address.query).get("region", ["us-east-1"])[0],
            host=host,
            base=(public_base or self.origin).rstrip("/"),
            bucket=self.bucket,
        )
        self._http = _connections(connections, hurried=hurried)
        self._client = Minio(
            host,
            self._presigner.access_key,
            self._presigner.secret_key,
            secure=address.scheme == "https",
            region=self._presigner.region,
            http_client=self._http,
        )
        self._threads = ThreadPoolExecutor(connections, "objects")

    async def close(self) -> None:
        """Drop what has not begun, and all connections."""
        self._threads.shutdown(wait=False, cancel_futures=True)
        self._http.clear()

    async def reachable(self) -> None:
        """Raises `StoreUnreachable` unless the store answers and has the bucket."""
        if not await self._run(self._client.bucket_exists, self.bucket):
            raise StoreUnreachable(f"the object store has no bucket named {self.bucket!r}")

    async def ensure_bucket(self) -> None:
        """Make the bucket unless it is there."""
        await self._run(self._ensure_bucket)

    def presign_get(
        self,
        key: str,
        expires: int,
        filename: str | None = None,
        content_type: str | None = None,
        at: datetime | None = None,
    ) -> str:
        """A URL to read an object, for `expires` seconds from `at` (UTC; now). With `filename`: to save it as that."""
        answer = {"response-content-type": content_type} if content_type else {}
        if filename is not None:
            answer["response-content-disposition"] = attachment(filename)
        return self._presigner.url("GET", key, answer, expires, at or datetime.now(UTC))

    def presign_put(self, key: str, expires: int) -> str:
        """A URL to write an object, for `expires` seconds from now."""
        return self._presigner.url("PUT", key, {}, expires, datetime.now(UTC))

    def presign_part(self, key: str, upload_id: str, number: int, expires: int) -> str:
        """A URL to write part `number` (from 1) of a multipart upload, for `expires` seconds from now."""
        query = {"partNumber": str(number), "uploadId": upload_id}
        return self._presigner.url("PUT", key, query, expires, datetime.now(UTC))

    # minio-py has multipart uploads as a whole only. The three calls below are private in 7.2.20, and yet better than
    # their own copies of its request signing and error reading; the tests of this file would show a change.

    async def create_multipart(self, key: str) -> str:
        """Begin a multipart upload; returns the store's id of it."""
        return await self._run(self._client._create_multipart_upload, self.bucket, key, {})

    async def complete_multipart(self, key: str, upload_id: str, parts: Mapping[int, str]) -> StoredObject:
        """Join the parts (ETags by number) into the object. Repeatable. `BadParts`, or `ObjectMissing` when aborted."""
        if not parts:
            raise BadParts("an upload in parts has at least one part")
        joined = [Part(number, etag.strip('"')) for number, etag in sorted(parts.items())]
        with suppress(ObjectMissing):  # completed before: then the object is there
            await self._run(self._client._complete_multipart_upload, self.bucket, key, upload_id, joined)
        return await self.stat(key)

    async def abort_multipart(self, key: str, upload_id: str) -> None:
        """Drop a multipart upload and its parts. Repeatable; does nothing to a completed one."""
        with suppress(ObjectMissing):
            await self._run(self._client._abort_multipart_upload, self.bucket, key, upload_id)

    async def stat(self, key: str) -> StoredObject:
        """What the store says of an object. `ObjectMissing`."""
        return await self._run(self._stat, key)

    async def sizes(self) -> dict[str, int]:
        """Every object of the bucket: bytes by key."""
        return await self._run(self._sizes)

    async def download_to(self, key: str, path: Path, limit: int | None = None) -> StoredObject:
        """Stream an object into a file, byte for byte. `ObjectMissing`, `ObjectTooLarge` beyond `limit` bytes."""
        return await self._run(self._download_to, key, path, limit)

    async def put_file(self, key: str, content: Path | bytes, content_type: str) -> None:
        """Write an object, at once visible as a whole or not at all."""
        await self._run(self._put, key, content, content_type)

    async def copy(self, source: str, target: str, *, etag: str, content_type: str) -> None:
        """Copy an object inside the store, if it still has the `etag`. `ObjectChanged`, `ObjectMissing`."""
        await self._run(self._copy, source, target, etag, content_type)
        if (await self.stat(source)).etag != etag:  # rclone copies whatever the condition says
            await self.remove([target])
            raise ObjectChanged(f"{source} was overwritten while it was copied")

    async def remove(self, keys: Iterable[str]) -> None:
        """Remove objects, those that exist."""
        await self._run(self._remove, keys)

    async def remove_prefix(self, prefix: str) -> None:
        """Remove every object whose key begins with `prefix`."""
        await self._run(self._remove_prefix, prefix)

    async def _run(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        def translated() -> T:
            with translated_errors():
                return work(*args, **kwargs)

        with tracing.calling(f"store {work.__name__.strip('_')}"):
            return await asyncio.get_running_loop().run_in_executor(self._threads, translated)

    def _ensure_bucket(self) -> None:
        if self._client.bucket_exists(self.bucket):
            return
        try:
            self._client.make_bucket(self.bucket)
        except MinioException as error:
            if error_code(error) not in _ALREADY_MADE:
                raise

    def _stat(self, key: str) -> StoredObject:
        found = self._client.stat_object(self.bucket, key)
        return StoredObject(found.size or 0, (found.etag or "").strip('"'), found.content_type or "")

    def _sizes(self) -> dict[str, int]:
        found = self._client.list_objects(self.bucket, recursive=True)
        return {item.object_name: item.size or 0 for item in found if item.object_name}

    def _download_to(self, key: str, path: Path, limit: int | None) -> StoredObject:
        response = self._client.get_object(self.bucket, key)
        size = 0
        try:
            with path.open("wb") as file:
                for chunk in response.stream(_CHUNK, decode_content=False):
                    size += len(chunk)
                    if limit is not None and size > limit:
                        raise ObjectTooLarge(f"{key} has more than {limit} bytes")
                    file.write(chunk)
        finally:
            response.close()
            response.release_conn()
        return StoredObject(size, response.headers.get("ETag", "").strip('"'), response.headers.get("Content-Type", ""))

    def _put(self, key: str, content: Path | bytes, content_type: str) -> None:
        with content.open("rb") if isinstance(content, Path) else BytesIO(content) as stream:
            size = stream.seek(0, 2)
            stream.seek(0)
            self._client.put_object(
                self.bucket, key, stream, size, content_type, part_size=PART_SIZE, num_parallel_uploads=1
            )

    def _copy(self, source: str, target: str, etag: str, content_type: str) -> None:
        self._client.copy_object(
            self.bucket,
            target,
            CopySource(self.bucket, source, match_etag=etag),
            metadata={"Content-Type": content_type},
            metadata_directive=REPLACE,
        )

    def _remove(self, keys: Iterable[str]) -> None:
        doomed = (DeleteObject(key) for key in keys)
        for error in self._client.remove_objects(self.bucket, doomed):
            raise StoreUnreachable(f"the object store did not remove {error.name}: {error.code}")

    def _remove_prefix(self, prefix: str) -> None:
        found = self._client.list_objects(self.bucket, prefix, recursive=True)
        self._remove(item.object_name for item in found if item.object_name)


def _checked(url: str) -> SplitResult:
    address = urlsplit(url)
    complete = address.hostname and address.username and address.password and address.path.strip("/")
    if address.scheme not in ("http", "https") or not complete:
        raise ValueError("the object store's URL must look like http(s)://key:secret@host:port/bucket")
    return address


def _host(address: SplitResult) -> str:
    """As it stands in the `Host` header, which is signed: without the scheme's own port."""
    name = address.netloc.rpartition("@")[2]
    return name.removesuffix(":443" if address.scheme == "https" else ":80")


def _connections(number: int, *, hurried: bool) -> PoolManager:
    retry = Retry(total=0 if hurried else 2, backoff_factor=0.2, status_forcelist=(500, 502, 503, 504))
    return PoolManager(timeout=Timeout(connect=3, read=5 if hurried else 30), maxsize=number, retries=retry)
