"""Which photos are suggested for a final of another name."""

import pytest

from contracts.base import uuid7
from contracts.names import match_key
from services.entitlements.rules import Candidate, suggest


def photos(*filenames: str) -> list[Candidate]:
    return [Candidate(uuid7(), filename, match_key(filename)) for filename in filenames]


def suggested(filename: str, *among: str) -> list[str]:
    return [one.filename for one in suggest(match_key(filename), photos(*among))]


SHOOT = [f"IMG_{number:04}.jpg" for number in range(1, 31)]


@pytest.mark.parametrize(
    "filename",
    [
        "IMG_0001-Edit.jpg",
        "IMG_0001-Edit-2.tif",
        "IMG_0001 copy.jpg",
        "IMG_0001 copy 2.jpg",
        "IMG_0001_1.jpg",
        "IMG_0001 (2).jpg",
        "IMG_0001-Enhanced-NR.jpg",
        "IMG_0001_HDR.jpg",
        "IMG_0001-HDR-Pano-Edit.jpg",
        "IMG_0001 — kopia.jpg",
        "IMG_0001 - Kopia (3).jpg",
        "IMG_0001 kopia.jpg",
    ],
)
def test_an_ending_that_an_editor_adds_is_seen_through(filename: str) -> None:
    assert suggested(filename, *SHOOT) == ["IMG_0001.jpg"]


@pytest.mark.parametrize(
    "filename", ["IMG_O010.jpg", "IMG-0010.jpg", "img 10.jpg", "IMG0010.png", "IMG_00010.jpg", "IMG_O010-Edit.jpg"]
)
def test_the_same_words_and_numbers_may_be_spelled_otherwise(filename: str) -> None:
    assert suggested(filename, *SHOOT) == ["IMG_0010.jpg"]


@pytest.mark.parametrize(
    ("filename", "photo"),
    [
        ("Ana Nowak.jpg", "Anna Nowak.jpg"),
        ("Zolw.jpg", "Żółw.jpg"),
        ("MG_0010.jpg", "IMG_0010.jpg"),
        ("DSC_1243.jpg", "DSC_1234.jpg"),
        ("DSC_11234.jpg", "DSC_1234.jpg"),
    ],
)
def test_a_slip_is_forgiven(filename: str, photo: str) -> None:
    assert suggested(filename, photo, "beach.jpg") == [photo]


def test_another_frame_of_the_camera_is_not_suggested() -> None:
    assert suggested("IMG_0039.jpg", *SHOOT) == []
    assert suggested("IMG_O029.jpg", *SHOOT, "IMG_1029.jpg") == ["IMG_0029.jpg"]


def test_nothing_alike_is_not_suggested() -> None:
    assert suggested("beach.jpg", *SHOOT, "🎉.jpg") == []


def test_fewer_endings_taken_off_come_first() -> None:
    assert suggested("a-HDR-Edit.jpg", "a.jpg", "a-HDR.jpg") == ["a-HDR.jpg", "a.jpg"]


def test_an_ending_leaves_no_room_for_names_that_are_merely_alike() -> None:
    assert suggested("Anna Nowak-Edit.jpg", "Ana Nowak.jpg", "Anna Nowak.jpg") == ["Anna Nowak.jpg"]


def test_three_are_enough() -> None:
    assert len(suggested("portrait.jpg", "portraits.jpg", "portrat.jpg", "portait.jpg", "protrait.jpg")) == 3


def test_a_photo_that_comes_later_leads_to_the_same_suggestions() -> None:
    everything = photos("portraits.jpg", "portrat.jpg", "portait.jpg", "protrait.jpg", "portrait.jpg", "beach.jpg")
    for key in ("portrait_1", "portraitt", "beach"):
        one_by_one = suggest(key, [])
        for photo in everything:
            one_by_one = suggest(key, [photo], one_by_one)
        assert one_by_one == suggest(key, everything)
