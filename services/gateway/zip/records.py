"""The records of a ZIP archive of stored entries, as bytes (PKWARE APPNOTE 6.3.10, section 4.3; numbers are its)."""

from dataclasses import dataclass
from datetime import UTC, datetime
from struct import Struct, pack

_MOST_16 = 0xFFFF
_MOST_32 = 0xFFFFFFFF
"""Stands for "see the ZIP64 record", so the largest value of a short field is one less."""

_STORED = 0
_UTF8_NAME = 1 << 11
_UNIX = 3 << 8
_REGULAR_FILE = 0o100644 << 16
_VERSION, _VERSION_ZIP64 = 20, 45

_DESCRIPTION = Struct("<5H3L2H")  # what the local header and the central record both have
_END = Struct("<4s4H2LH")
_END_64 = Struct("<4sQ2H2L4Q")
_LOCATOR_64 = Struct("<4sLQL")


@dataclass(frozen=True, slots=True)
class Entry:
    """One stored object that becomes a file of an archive."""

    name: str
    size: int
    """Bytes."""
    crc32: int
    object_key: str
    """Never used again for other bytes."""
    modified: datetime
    """With a time zone. Archives have UTC, in steps of two seconds, from 1980 to 2107."""


def local_header(entry: Entry, name: bytes) -> bytes:
    """What comes before an entry's bytes (4.3.7). `name`: UTF-8, unique in the archive."""
    sizes = _zip64_field(*_too_long(entry.size, entry.size))
    return b"PK\3\4" + _description(entry, name, sizes) + name + sizes


def central_record(entry: Entry, name: bytes, offset: int) -> bytes:
    """An entry's line in the directory at the end (4.3.12). `offset`: of its local header in the archive."""
    extra = _zip64_field(*_too_long(entry.size, entry.size, offset))
    made_by = pack("<H", _UNIX | _VERSION_ZIP64)
    place = pack("<3H2L", 0, 0, 0, _REGULAR_FILE, min(offset, _MOST_32))
    return b"PK\1\2" + made_by + _description(entry, name, extra) + place + name + extra


def end_records(entries: int, offset: int, size: int) -> bytes:
    """The archive's end (4.3.14 to 4.3.16): number of entries; place and length in bytes of the central directory."""
    number = min(entries, _MOST_16)
    end = _END.pack(b"PK\5\6", 0, 0, number, number, min(size, _MOST_32), min(offset, _MOST_32), 0)
    if number < _MOST_16 and not _too_long(size, offset):
        return end
    made_by = _UNIX | _VERSION_ZIP64
    long_end = _END_64.pack(b"PK\6\6", _END_64.size - 12, made_by, _VERSION_ZIP64, 0, 0, entries, entries, size, offset)
    return long_end + _LOCATOR_64.pack(b"PK\6\7", 0, offset + size, 1) + end


def _description(entry: Entry, name: bytes, extra: bytes) -> bytes:
    version = _VERSION_ZIP64 if extra else _VERSION
    date, time = _dos_time(entry.modified)
    size = min(entry.size, _MOST_32)
    return _DESCRIPTION.pack(version, _UTF8_NAME, _STORED, time, date, entry.crc32, size, size, len(name), len(extra))


def _too_long(*values: int) -> tuple[int, ...]:
    return tuple(value for value in values if value >= _MOST_32)


def _zip64_field(*values: int) -> bytes:
    """The extra field with those values that their own fields have no room for (4.5.3)."""
    return pack(f"<2H{len(values)}Q", 1, 8 * len(values), *values) if values else b""


def _dos_time(modified: datetime) -> tuple[int, int]:
    at = modified.astimezone(UTC)
    if at.year < 1980:
        return 1 << 5 | 1, 0
    if at.year > 2107:
        return 127 << 9 | 12 << 5 | 31, 23 << 11 | 59 << 5 | 29
    return (at.year - 1980) << 9 | at.month << 5 | at.day, at.hour << 11 | at.minute << 5 | at.second // 2
