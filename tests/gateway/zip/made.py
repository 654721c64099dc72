"""Archives of made-up photos, for the tests of this folder."""

import io
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from zipfile import ZipFile
from zlib import crc32

from services.gateway.zip.layout import Layout, ObjectRange, Segment
from services.gateway.zip.records import Entry

NOON = datetime(2026, 6, 1, 12, 30, 44, tzinfo=UTC)


def entry(name: str, content: bytes, key: str | None = None) -> Entry:
    """An entry whose object is named like the file unless a `key` is given."""
    return Entry(name, len(content), crc32(content), key or name, NOON)


def layout_of(contents: Mapping[str, bytes]) -> Layout:
    """An archive of files by name."""
    return Layout.of(entry(name, content) for name, content in contents.items())


def archive(contents: Mapping[str, bytes]) -> bytes:
    """All bytes of that archive."""
    layout = layout_of(contents)
    return joined(layout.segments(0, layout.size), contents)


def joined(segments: Iterable[Segment], contents: Mapping[str, bytes]) -> bytes:
    """The bytes of some segments; `contents`: objects by key."""
    return b"".join(
        contents[each.entry.object_key][each.start : each.end] if isinstance(each, ObjectRange) else each
        for each in segments
    )


def unzipped(content: bytes) -> dict[str, bytes]:
    """What Python's zipfile finds in an archive; it checks every CRC-32."""
    with ZipFile(io.BytesIO(content)) as opened:
        return {info.filename: opened.read(info) for info in opened.infolist()}
