"""By what a stored file is known again."""

from hashlib import sha256
from pathlib import Path
from zlib import crc32

import pytest

from services.transfers.checksums import Checksums, checksums


@pytest.mark.parametrize("content", [b"", b"photo", bytes(range(256)) * 12_345])
async def test_size_and_both_sums_are_those_of_the_content(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(content)

    assert await checksums(path) == Checksums(len(content), crc32(content), sha256(content).hexdigest())
