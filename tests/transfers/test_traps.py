"""Files that must not be taken in, each with its own reason; and names that nobody expects."""

import unicodedata
from dataclasses import dataclass
from pathlib import Path

import pytest
from pydantic import ValidationError

from contracts.transfers import Tab
from deploy.local.drawing import photo
from tests.transfers import bad_files
from tests.transfers.desk import LONG_AFTER, Desk

GOOD = photo("good", 300, 200)


@dataclass(frozen=True)
class Trap:
    """What arrives (or nothing does), what was announced, and what is answered."""

    content: bytes | None
    code: str
    words: str
    announced: int | None = None


TRAPS = {
    "never arrived": Trap(None, "never_arrived", "did not arrive", announced=1_000),
    "empty": Trap(b"", "empty", "is empty", announced=1_000),
    "cut off on the way": Trap(GOOD[:5_000], "another_size", "5,000 bytes instead of 6,000", announced=6_000),
    "longer than announced": Trap(GOOD, "another_size", "instead of 10", announced=10),
    "cut off before": Trap(GOOD[: len(GOOD) // 2], "damaged", "damaged or cut off"),
    "too large": Trap(GOOD + bytes(20_000_000), "too_large", "20.0 MB; at most 20"),
    "text": Trap(b"Just some text", "not_an_image", "no picture"),
    "ZIP named .jpg": Trap(bad_files.zip_archive(), "wrong_type", "a ZIP archive"),
    "GIF named .jpg": Trap(bad_files.gif(), "wrong_type", "a GIF file"),
    "raw file": Trap(bad_files.nef(), "raw", "Develop it"),
    "HEIC": Trap(bad_files.HEIC, "heic", "as JPEG"),
    "pixel bomb": Trap(bad_files.png(50_000, 50_000), "too_many_pixels", "2,500 megapixels"),
    "hollow picture": Trap(bad_files.png(10_000, 10_000), "damaged", "damaged"),
    "TIFF of entries": Trap(bad_files.tiff_of_entries(), "damaged", "damaged"),
}


@pytest.mark.parametrize("trap", TRAPS.values(), ids=TRAPS)
async def test_a_bad_file_is_rejected_with_its_own_reason_and_the_next_one_is_taken_in(trap: Trap, desk: Desk) -> None:
    size = len(trap.content or b"") if trap.announced is None else trap.announced
    command = desk.announce(size)
    if trap.content is not None:
        await desk.objects.put_file(command.object_key, trap.content, "image/jpeg")

    rejected = await desk.rejection(command)
    await desk.add_final(GOOD)

    assert (rejected.code, rejected.tab, rejected.filename) == (trap.code, Tab.PHOTOS, "IMG_0001.jpg")
    assert trap.words in rejected.reason
    await desk.sweep(LONG_AFTER)
    assert len(desk.keys()) == 2
    assert desk.leftovers() == []


NAMES = {
    "200 letters": "ż" * 196 + ".jpg",
    "emoji": "😀👩‍👩‍👧.jpg",
    "a path": "../../etc/passwd.jpg",
    "a path on Windows": "..\\..\\secret.jpg",
    "right to left": "\u202egpj.elif\u202c תמונה.jpg",
    "decomposed": unicodedata.normalize("NFD", "Żółć.jpg"),
    "no extension": "IMG_0001",
    "markup": "<script>alert('1')</script>%00 &amp; {{7*7}}.jpg",
}


@pytest.mark.parametrize("name", NAMES.values(), ids=NAMES)
async def test_a_name_is_kept_as_it_is_and_stands_in_no_key(name: str, desk: Desk, tmp_path: Path) -> None:
    proof = await desk.add_photo(GOOD, name)
    final = (await desk.add_final(GOOD, name)).transfer

    assert proof.filename == final.filename == name
    assert proof.match_key == final.match_key
    for key in (proof.object_key, proof.preview_large_key, final.object_key):
        assert key.isascii()
        assert key.startswith(f"galleries/{desk.gallery_id}/")
        assert ".." not in key
    assert await desk.read(final.object_key, tmp_path) == GOOD


@pytest.mark.parametrize("name", ["", ".jpg", "x" * 256, "a\nb.jpg", "\ud800.jpg", "../.jpg"])
def test_a_name_that_cannot_be_kept_reaches_no_handler(name: str, desk: Desk) -> None:
    with pytest.raises(ValidationError):
        desk.announce(1, name)
