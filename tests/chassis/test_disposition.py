"""Names of downloads in `Content-Disposition`."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.disposition import attachment


@pytest.mark.parametrize(
    ("filename", "expected"),
    [
        ("IMG 0001.jpg", 'attachment; filename="IMG 0001.jpg"'),
        ("Zażółć.jpg", "attachment; filename=\"Zazo_c.jpg\"; filename*=UTF-8''Za%C5%BC%C3%B3%C5%82%C4%87.jpg"),
        ("😀.jpg", "attachment; filename=\"_.jpg\"; filename*=UTF-8''%F0%9F%98%80.jpg"),
        ('a"b\\c%d.jpg', "attachment; filename=\"a_b_c_d.jpg\"; filename*=UTF-8''a%22b%5Cc%25d.jpg"),
        ("it's (1).jpg", 'attachment; filename="it\'s (1).jpg"'),
    ],
)
def test_a_name_is_kept_and_has_a_plain_fallback(filename: str, expected: str) -> None:
    assert attachment(filename) == expected


@given(st.text(st.characters(codec="utf-8")))
def test_no_name_breaks_out_of_the_header(filename: str) -> None:
    value = attachment(filename)

    assert value.isascii()
    assert value.isprintable()
    assert value.partition("; filename*=")[0].count('"') == 2
