"""Archives beyond the limits of the first ZIP format: long files, far offsets, many entries."""

import io
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from zipfile import ZipFile, ZipInfo

import pytest
from zlib_ng.zlib_ng import crc32

from services.gateway.zip.layout import Layout, ObjectRange
from services.gateway.zip.records import Entry
from tests.gateway.zip.made import NOON, entry, joined
from tests.gateway.zip.test_layout import tool

GIB = 1 << 30
LIMIT = 0xFFFFFFFF
ZIP64_END = b"PK\6\6"


class ZeroObjects(io.RawIOBase):
    """An archive whose objects are nothing but zero bytes, to be read from anywhere without being made."""

    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        self._at = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        self._at = offset + (0, self._at, self._layout.size)[whence]
        return self._at

    def tell(self) -> int:
        return self._at

    def read(self, size: int = -1) -> bytes:
        end = self._layout.size if size < 0 else min(self._at + size, self._layout.size)
        segments = self._layout.segments(self._at, end)
        found = b"".join(bytes(len(each)) if isinstance(each, ObjectRange) else each for each in segments)
        self._at += len(found)
        return found


def zeros(name: str, size: int) -> Entry:
    """An entry of zero bytes."""
    crc, block = 0, bytes(1 << 20)
    for _ in range(size >> 20):
        crc = crc32(block, crc)
    return Entry(name, size, crc32(bytes(size % (1 << 20)), crc), name, NOON)


def write_sparse(layout: Layout, path: Path) -> None:
    """The archive as a file whose zero bytes take no room on the disk."""
    with path.open("wb") as file:
        for segment in layout.segments(0, layout.size):
            if isinstance(segment, ObjectRange):
                file.seek(len(segment), io.SEEK_CUR)
            else:
                file.write(segment)


@contextmanager
def opened(layout: Layout) -> Iterator[list[ZipInfo]]:
    """What zipfile finds, each local header looked at too."""
    with ZipFile(ZeroObjects(layout)) as archive:
        found = archive.infolist()
        for info in found:
            with archive.open(info) as file:
                file.read(100)
        yield found


@pytest.fixture(scope="module")
def over_4_gib(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("large") / "photos.zip"
    photos = [entry("first.jpg", b""), zeros("long.tif", 4 * GIB + 10), zeros("beyond.jpg", 1000)]
    write_sparse(Layout.of(photos), path)
    return path


@pytest.mark.parametrize(
    ("command", "members"),
    [
        (("unzip", "-tqq"), ("first.jpg", "beyond.jpg")),  # it takes half a minute for all
        (("7z", "t"), ()),
        (("bsdtar", "-tf"), ()),
    ],
)
def test_programs_accept_a_file_and_an_offset_over_4_gib(
    command: tuple[str, ...], members: tuple[str, ...], over_4_gib: Path
) -> None:
    assert over_4_gib.stat().st_size > 4 * GIB

    subprocess.run([*tool(*command), over_4_gib, *members], check=True, capture_output=True)


@pytest.mark.parametrize("size", [LIMIT - 1, LIMIT, LIMIT + 1])
def test_sizes_and_offsets_around_the_limit_are_read_back(size: int) -> None:
    layout = Layout.of([zeros("long.tif", size), zeros("beyond.jpg", 1)])

    with opened(layout) as found:
        assert [info.file_size for info in found] == [size, 1]
        assert [info.header_offset for info in found] == [layout.offsets[0], layout.offsets[2]]


def test_a_far_offset_alone_needs_no_long_sizes() -> None:
    layout = Layout.of([zeros("a.tif", 3 * GIB), zeros("b.tif", 3 * GIB), zeros("c.jpg", 1)])

    with opened(layout) as found:
        assert [len(info.extra) for info in found] == [0, 0, 12]


def test_the_long_form_is_used_only_where_it_is_needed() -> None:
    layout = Layout.of([entry("a.jpg", b"1")])

    assert ZIP64_END not in joined(layout.segments(0, layout.size), {"a.jpg": b"1"})


def test_a_range_beyond_4_gib_is_that_slice() -> None:
    layout = Layout.of([zeros("long.tif", 5 * GIB), entry("last.jpg", b"last")])
    last = layout.offsets[3]

    assert joined(layout.segments(last + 1, last + 3), {"last.jpg": b"last"}) == b"as"


@pytest.mark.parametrize(("number", "long"), [(65_534, False), (65_535, True), (65_536, True)])
def test_entries_around_65535_are_all_found(number: int, long: bool) -> None:
    layout = Layout.of(Entry(f"{index}.jpg", 0, 0, "", NOON) for index in range(number))
    content = joined(layout.segments(0, layout.size), {})

    with ZipFile(io.BytesIO(content)) as archive:
        assert [int(name[:-4]) for name in archive.namelist()] == list(range(number))
    assert (ZIP64_END in content[-200:]) is long


@pytest.fixture(scope="module")
def with_70000_entries(tmp_path_factory: pytest.TempPathFactory) -> Path:
    layout = Layout.of(entry(f"{index}.jpg", b"x", "x") for index in range(70_000))
    path = tmp_path_factory.mktemp("many") / "photos.zip"
    path.write_bytes(joined(layout.segments(0, layout.size), {"x": b"x"}))
    return path


@pytest.mark.parametrize("command", [("unzip", "-tqq"), ("7z", "t"), ("bsdtar", "-xOf")])
def test_programs_accept_70000_entries(command: tuple[str, ...], with_70000_entries: Path) -> None:
    subprocess.run([*tool(*command), with_70000_entries], check=True, capture_output=True)
