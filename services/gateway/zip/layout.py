"""Where every byte of an archive comes from, known before the first one is sent."""

from array import array
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from hashlib import sha256

from services.gateway.zip.names import unique_names
from services.gateway.zip.records import Entry, central_record, end_records, local_header


@dataclass(frozen=True, slots=True)
class ObjectRange:
    """The bytes from `start` up to `end` of an entry's object."""

    entry: Entry
    start: int
    end: int

    def __len__(self) -> int:
        return self.end - self.start


Segment = bytes | ObjectRange


@dataclass(frozen=True)
class Layout:
    """An archive of stored entries. The same entries in the same order are always the same bytes.

    Its 3n + 1 pieces: a local header and an object for each of n entries, n central records, the end.
    """

    entries: tuple[Entry, ...]
    names: tuple[bytes, ...]
    offsets: "array[int]"
    """Where each piece begins, and where the last one ends."""
    etag: str
    """Strong, with its quotes: differs whenever any byte does."""

    @classmethod
    def of(cls, entries: Iterable[Entry]) -> "Layout":
        """Lay out the entries; names are made safe and unique (`unique_names`)."""
        given = tuple(entries)
        names = tuple(name.encode() for name in unique_names(entry.name for entry in given))
        offsets = array("Q", [0])
        _place_files(offsets, given, names)
        etag = _place_directory(offsets, given, names)
        return cls(given, names, offsets, etag)

    @property
    def size(self) -> int:
        """Bytes of the whole archive."""
        return self.offsets[-1]

    def segments(self, start: int, end: int) -> Iterator[Segment]:
        """What the archive's bytes from `start` up to `end` are, in order; 0 ≤ start ≤ end ≤ size. None is empty."""
        piece = bisect_right(self.offsets, start) - 1
        while start < end:
            begin, stop = self.offsets[piece], min(self.offsets[piece + 1], end)
            if start < stop:
                yield self._segment(piece, start - begin, stop - begin)
            start = stop
            piece += 1

    def _segment(self, piece: int, start: int, end: int) -> Segment:
        entry, is_object = divmod(piece, 2)
        if is_object and entry < len(self.entries):
            return ObjectRange(self.entries[entry], start, end)
        return self._record(piece)[start:end]

    def _record(self, piece: int) -> bytes:
        number = len(self.entries)
        if piece < 2 * number:
            return local_header(self.entries[piece // 2], self.names[piece // 2])
        if piece < 3 * number:
            entry = piece - 2 * number
            return central_record(self.entries[entry], self.names[entry], self.offsets[2 * entry])
        return _end(self.offsets, number)


def _place_files(offsets: "array[int]", entries: tuple[Entry, ...], names: tuple[bytes, ...]) -> None:
    for entry, name in zip(entries, names, strict=True):
        offsets.append(offsets[-1] + len(local_header(entry, name)))
        offsets.append(offsets[-1] + entry.size)


def _place_directory(offsets: "array[int]", entries: tuple[Entry, ...], names: tuple[bytes, ...]) -> str:
    """Returns the ETag: central records and object keys together decide every byte."""
    digest = sha256()
    for number, (entry, name) in enumerate(zip(entries, names, strict=True)):
        record = central_record(entry, name, offsets[2 * number])
        digest.update(record + entry.object_key.encode() + b"\0")
        offsets.append(offsets[-1] + len(record))
    offsets.append(offsets[-1] + len(_end(offsets, len(entries))))
    return f'"{digest.hexdigest()}"'


def _end(offsets: "array[int]", entries: int) -> bytes:
    directory = offsets[2 * entries]
    return end_records(entries, directory, offsets[3 * entries] - directory)
