"""Tells raw camera files from TIFF pictures: most raw formats are TIFF files that hold sensor data."""

import struct
from mmap import ACCESS_READ, mmap
from pathlib import Path

_COMPRESSION, _PHOTOMETRIC, _SUB_IFDS, _DNG_VERSION = 259, 262, 330, 50_706
_COLOUR_FILTER_ARRAY, _LINEAR_RAW = 32_803, 34_892
_RAW_COMPRESSIONS = {32_767, 32_769, 32_770, 34_713, 65_535}  # Sony, packed, Samsung, Nikon, Pentax
_RAW_MARKERS = (b"CR", b"IIII", b"MMMM")  # Canon's and Phase One's, after the header
_INTEGERS = {1: "B", 3: "H", 4: "I", 13: "I", 16: "Q", 18: "Q"}  # TIFF 6.0, section 2; BigTIFF
_MOST_ENTRIES, _MOST_VALUES = 1_000, 16

Directory = dict[int, tuple[int, ...]]
"""The integers of a TIFF directory (IFD) by tag."""


def is_raw(path: Path) -> bool:
    """Whether a TIFF file holds sensor data (DNG, CR2, NEF, ARW and their like). A broken file is not raw."""
    with path.open("rb") as file, mmap(file.fileno(), 0, access=ACCESS_READ) as data:
        try:
            return data[8:12].startswith(_RAW_MARKERS) or _holds_sensor_data(_Tiff(data))
        except (struct.error, OverflowError):
            return False


def _holds_sensor_data(tiff: "_Tiff") -> bool:
    first = tiff.directory(tiff.first)
    others = (tiff.directory(start) for start in first.get(_SUB_IFDS, ()))
    return _DNG_VERSION in first or _is_sensor_data(first) or any(map(_is_sensor_data, others))


def _is_sensor_data(directory: Directory) -> bool:
    colours = directory.get(_PHOTOMETRIC, ())
    compression = directory.get(_COMPRESSION, ())
    return _COLOUR_FILTER_ARRAY in colours or _LINEAR_RAW in colours or not _RAW_COMPRESSIONS.isdisjoint(compression)


class _Tiff:
    """TIFF or BigTIFF in either byte order. Reading what lies outside of the file raises `struct.error`."""

    def __init__(self, data: mmap) -> None:
        self._data = data
        self._order = "<" if data[:2] == b"II" else ">"
        big = self._unpack("H", 2) == (43,)
        self._offset, self._count = ("Q", "Q") if big else ("I", "H")
        (self.first,) = self._unpack(self._offset, 8 if big else 4)

    def directory(self, start: int) -> Directory:
        (count,) = self._unpack(self._count, start)
        first, size = start + struct.calcsize(f"={self._count}"), struct.calcsize(f"=HH{self._offset}{self._offset}")
        return dict(self._entry(first + size * number) for number in range(min(count, _MOST_ENTRIES)))

    def _entry(self, at: int) -> tuple[int, tuple[int, ...]]:
        tag, kind, count = self._unpack(f"HH{self._offset}", at)
        if kind not in _INTEGERS:
            return tag, ()
        values = f"{min(count, _MOST_VALUES)}{_INTEGERS[kind]}"
        field = at + struct.calcsize(f"=HH{self._offset}")
        if struct.calcsize(f"={values}") > struct.calcsize(f"={self._offset}"):
            (field,) = self._unpack(self._offset, field)
        return tag, self._unpack(values, field)

    def _unpack(self, code: str, at: int) -> tuple[int, ...]:
        return struct.unpack_from(self._order + code, self._data, at)
