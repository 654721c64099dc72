"""Ranges of stored objects, fetched by presigned URLs and checked against what the archive promised."""

from collections.abc import Callable
from dataclasses import dataclass

from aiohttp import ClientError, ClientResponse, ClientSession, ClientTimeout, DummyCookieJar, TCPConnector
from yarl import URL

from chassis import tracing
from chassis.object_errors import ObjectChanged, ObjectMissing, StoreUnreachable
from services.gateway.zip.layout import ObjectRange

_CONNECTIONS = 64
_TIMEOUT = ClientTimeout(total=None, sock_connect=5, sock_read=30)
_READ_BUFFER = 1024 * 1024  # so that reading is seldom paused


def store_session() -> ClientSession:
    """An HTTP session for an `ObjectReader`; one serves all downloads of a process. To be closed."""
    return ClientSession(
        connector=TCPConnector(limit=_CONNECTIONS),
        cookie_jar=DummyCookieJar(),
        timeout=_TIMEOUT,
        read_bufsize=_READ_BUFFER,
        auto_decompress=False,
        headers={"Accept-Encoding": "identity"},
    )


@dataclass(frozen=True)
class ObjectReader:
    """Reads from the object store; `sign` makes a presigned GET URL of an object key."""

    session: ClientSession
    sign: Callable[[str], str]

    async def read(self, part: ObjectRange) -> list[bytes]:
        """Exactly these bytes, in blocks. `ObjectMissing`, `ObjectChanged` (another size), `StoreUnreachable`."""
        url = URL(self.sign(part.entry.object_key), encoded=True)
        byte_range = f"bytes={part.start}-{part.end - 1}"
        with tracing.calling("store read"):
            try:
                async with self.session.get(url, headers={"Range": byte_range}, allow_redirects=False) as response:
                    _check(response, part)
                    return [block async for block, _ in response.content.iter_chunks()]  # joining them would copy them
            except (ClientError, TimeoutError) as error:
                raise StoreUnreachable(f"{part.entry.object_key} could not be read: {error!r}") from error


def _check(response: ClientResponse, part: ObjectRange) -> None:
    key = part.entry.object_key
    if response.status == 404:
        raise ObjectMissing(f"{key} is not in the store")
    if response.status not in (200, 206, 416):
        raise StoreUnreachable(f"the store refused {key} with status {response.status}")
    found = response.headers.get("Content-Range")  # rclone sends it with 200
    expected = f"bytes {part.start}-{part.end - 1}/{part.entry.size}"
    if found != expected:
        raise ObjectChanged(f"{key} has changed: the store answered {found!r} instead of {expected!r}")
