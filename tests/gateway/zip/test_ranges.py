"""Conditional and partial requests, as RFC 9110 has them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.datastructures import Headers

from services.gateway.zip.ranges import Answer, answer

ETAG = '"abc"'
SIZE = 1000


def answered(method: str = "GET", **headers: str) -> tuple[int, int, int]:
    """Status, start and end for a request with these headers (`_` stands for `-`)."""
    given_headers = Headers({name.replace("_", "-"): value for name, value in headers.items()})
    found: Answer = answer(method, given_headers, ETAG, SIZE)
    return found.status, found.start, found.end


WHOLE = (200, 0, SIZE)


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ("bytes=0-0", (206, 0, 1)),
        ("bytes=0-499", (206, 0, 500)),
        ("bytes=500-", (206, 500, SIZE)),
        ("bytes=0-", (206, 0, SIZE)),
        ("bytes=999-", (206, 999, SIZE)),
        ("bytes=900-5000", (206, 900, SIZE)),
        ("bytes=-1", (206, 999, SIZE)),
        ("bytes=-5000", (206, 0, SIZE)),
        ("BYTES=1-2", (206, 1, 3)),
        ("bytes=0-" + "9" * 40, (206, 0, SIZE)),
        ("bytes=1000-", (416, 0, 0)),
        ("bytes=1000-1001", (416, 0, 0)),
        ("bytes=-0", (416, 0, 0)),
        ("bytes=0-1,5-6", WHOLE),
        ("bytes=5-4", WHOLE),
        ("bytes=-", WHOLE),
        ("bytes=", WHOLE),
        ("bytes", WHOLE),
        ("bytes=a-b", WHOLE),
        ("bytes=1-2x", WHOLE),
        ("bytes=+1-2", WHOLE),
        ("bytes=²-³", WHOLE),
        ("bytes=0-" + "9" * 5000, WHOLE),
        ("items=0-1", WHOLE),
        ("", WHOLE),
    ],
)
def test_a_single_range_gets_its_part_and_all_else_the_whole(asked: str, expected: tuple[int, int, int]) -> None:
    assert answered(range=asked) == expected


def test_several_range_fields_are_several_ranges() -> None:
    repeated = Headers(raw=[(b"range", b"bytes=0-1"), (b"range", b"bytes=5-6")])

    assert answer("GET", repeated, ETAG, SIZE) == Answer(200, 0, SIZE)  # type: ignore[arg-type]


def test_head_knows_no_ranges() -> None:
    assert answered("HEAD", range="bytes=0-1") == WHOLE


@pytest.mark.parametrize(
    ("validator", "expected"),
    [
        (ETAG, (206, 0, 2)),
        ('"other"', WHOLE),
        (f"W/{ETAG}", WHOLE),
        ("abc", WHOLE),
        ("Mon, 01 Jun 2026 12:30:44 GMT", WHOLE),
    ],
)
def test_if_range_wants_the_very_same_strong_etag(validator: str, expected: tuple[int, int, int]) -> None:
    assert answered(range="bytes=0-1", if_range=validator) == expected


def test_if_range_without_a_range_says_nothing() -> None:
    assert answered(if_range='"other"') == WHOLE


@pytest.mark.parametrize("known", [ETAG, f"W/{ETAG}", "*", f'"x", {ETAG}', f'W/"x",W/{ETAG}'])
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_what_the_client_has_is_not_sent_again(known: str, method: str) -> None:
    assert answered(method, if_none_match=known) == (304, 0, 0)


@pytest.mark.parametrize("known", ['"x"', "abc", '"ABC"', '"x, abc"'])
def test_what_the_client_does_not_have_is_sent(known: str) -> None:
    assert answered(if_none_match=known) == WHOLE


def test_if_none_match_comes_before_the_range() -> None:
    assert answered(range="bytes=5000-", if_none_match=ETAG) == (304, 0, 0)


@pytest.mark.parametrize("expected", ['"x"', f"W/{ETAG}"])
def test_a_resumed_download_of_another_archive_is_refused(expected: str) -> None:
    assert answered(range="bytes=5-", if_match=expected) == (412, 0, 0)


@pytest.mark.parametrize("expected", [ETAG, "*", f'"x", {ETAG}'])
def test_a_resumed_download_of_this_archive_goes_on(expected: str) -> None:
    assert answered(range="bytes=5-", if_match=expected) == (206, 5, SIZE)


field_values = st.text(st.characters(codec="latin-1"))


@given(field_values, field_values, field_values, field_values)
def test_no_header_can_do_harm(asked: str, if_range: str, if_none_match: str, if_match: str) -> None:
    status, start, end = answered(
        range=f"bytes={asked}", if_range=if_range, if_none_match=if_none_match, if_match=if_match
    )

    assert status in (200, 206, 304, 412, 416)
    assert 0 <= start <= end <= SIZE
