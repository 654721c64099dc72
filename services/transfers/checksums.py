"""By what a stored file is known again."""

import asyncio
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from zlib import crc32

_CHUNK = 1024 * 1024


@dataclass(frozen=True)
class Checksums:
    """A file's size in bytes, its CRC-32 (for ZIP archives) and its SHA-256 (hex)."""

    size: int
    crc32: int
    sha256: str


async def checksums(path: Path) -> Checksums:
    """Reads the file once, in a thread: both sums let other threads run meanwhile."""
    return await asyncio.to_thread(_checksums, path)


def _checksums(path: Path) -> Checksums:
    size, crc, digest = 0, 0, sha256()
    chunk = memoryview(bytearray(_CHUNK))
    with path.open("rb", buffering=0) as file:
        while count := file.readinto(chunk):
            size += count
            crc = crc32(chunk[:count], crc)
            digest.update(chunk[:count])
    return Checksums(size, crc, digest.hexdigest())
