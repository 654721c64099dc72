"""The archive's bytes: accepted by other people's programs, the same every time, and any part without the rest."""

import io
import shutil
import subprocess
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zipfile import ZIP_STORED, ZipFile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.gateway.zip.layout import Layout, ObjectRange
from services.gateway.zip.names import unique_names
from tests.gateway.zip.made import NOON, archive, entry, joined, layout_of, unzipped

PHOTOS = {
    "IMG_0001.JPG": b"first" * 1000,
    "Żółw 🦊.jpg": b"second",
    "empty.jpg": b"",
    "a" * 250 + ".jpg": bytes(range(256)),
}

contents = st.dictionaries(st.text(min_size=1, max_size=20), st.binary(max_size=200), max_size=6)


def tool(*command: str) -> tuple[str, ...]:
    """A command line; skips the test where the program is not installed."""
    if shutil.which(command[0]) is None:
        pytest.skip(f"{command[0]} is not installed")
    return command


def test_zipfile_reads_what_went_in() -> None:
    assert unzipped(archive(PHOTOS)) == PHOTOS


@pytest.mark.parametrize("command", [("unzip", "-tqq"), ("7z", "t"), ("bsdtar", "-xOf")])
def test_other_programs_accept_it(command: tuple[str, ...], tmp_path: Path) -> None:
    path = tmp_path / "photos.zip"
    path.write_bytes(archive(PHOTOS))

    subprocess.run([*tool(*command), path], check=True, capture_output=True)


def test_an_archive_of_nothing_is_an_archive() -> None:
    assert unzipped(archive({})) == {}


def test_entries_are_stored_with_their_time_and_may_be_read_by_all() -> None:
    with ZipFile(io.BytesIO(archive(PHOTOS))) as opened:
        for info in opened.infolist():
            assert info.compress_type == ZIP_STORED
            assert info.date_time == (2026, 6, 1, 12, 30, 44)
            assert info.external_attr >> 16 == 0o100644
            assert not info.flag_bits & 8, "sizes stand before the bytes"
            assert info.flag_bits & 0x800, "names are marked as UTF-8"


@pytest.mark.parametrize(
    ("modified", "shown"),
    [
        (datetime(1970, 1, 1, tzinfo=UTC), (1980, 1, 1, 0, 0, 0)),
        (datetime(2200, 1, 1, tzinfo=UTC), (2107, 12, 31, 23, 59, 58)),
    ],
)
def test_times_that_archives_do_not_know_become_the_nearest(
    modified: datetime, shown: tuple[int, int, int, int, int, int]
) -> None:
    layout = Layout.of([replace(entry("a.jpg", b""), modified=modified)])

    with ZipFile(io.BytesIO(joined(layout.segments(0, layout.size), {}))) as opened:
        assert opened.infolist()[0].date_time == shown


def test_names_are_safe_and_told_apart() -> None:
    layout = Layout.of([entry("a.jpg", b"1"), entry("x/A.JPG", b"2"), entry("..", b"3")])

    found = unzipped(joined(layout.segments(0, layout.size), {"a.jpg": b"1", "x/A.JPG": b"2", "..": b"3"}))
    assert found == {"a.jpg": b"1", "A (2).JPG": b"2", "__": b"3"}


@given(contents)
def test_any_files_come_out_as_they_went_in(files: dict[str, bytes]) -> None:
    assert unzipped(archive(files)) == dict(zip(unique_names(files), files.values(), strict=True))


@given(contents, st.data())
def test_any_range_is_that_slice_of_the_whole(files: dict[str, bytes], data: st.DataObject) -> None:
    whole, layout = archive(files), layout_of(files)
    start = data.draw(st.integers(0, len(whole)))
    end = data.draw(st.integers(start, len(whole)))

    segments = list(layout.segments(start, end))

    assert layout.size == len(whole)
    assert joined(segments, files) == whole[start:end]
    assert all(map(len, segments))


def test_a_range_inside_one_file_is_that_object_and_nothing_else() -> None:
    layout = layout_of(PHOTOS)
    [_, first, *_] = layout.segments(0, layout.size)
    assert isinstance(first, ObjectRange)
    begin = layout.offsets[1]

    assert list(layout.segments(begin + 10, begin + 20)) == [ObjectRange(first.entry, 10, 20)]


def test_the_etag_is_strong_and_the_same_for_the_same_archive() -> None:
    etag = layout_of(PHOTOS).etag

    assert etag == layout_of(PHOTOS).etag
    assert etag.startswith('"')
    assert etag.endswith('"')


@pytest.mark.parametrize(
    "change",
    [
        {"name": "other.jpg"},
        {"size": 4},
        {"crc32": 1},
        {"object_key": "version-2"},
        {"modified": NOON + timedelta(seconds=2)},
    ],
)
def test_the_etag_changes_with_everything_that_decides_the_bytes(change: dict[str, object]) -> None:
    photo = entry("a.jpg", b"12345")

    assert Layout.of([photo]).etag != Layout.of([replace(photo, **change)]).etag  # type: ignore[arg-type]


def test_the_etag_changes_with_the_order_of_the_files() -> None:
    photos = [entry("a.jpg", b"1"), entry("b.jpg", b"2")]

    assert Layout.of(photos).etag != Layout.of(reversed(photos)).etag
