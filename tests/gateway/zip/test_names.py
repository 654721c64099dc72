"""Names in archives and downloads: safe on every system, and told apart."""

from unicodedata import normalize

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.gateway.zip.names import safe_name, unique_names

names = st.text(st.characters() | st.sampled_from('aA1. /\\:*é\u0301\u202e🦊(2)"'), max_size=300)


@pytest.mark.parametrize(
    ("given_name", "safe"),
    [
        ("IMG_0001.JPG", "IMG_0001.JPG"),
        ("Żółw 🦊 - final.jpg", "Żółw 🦊 - final.jpg"),
        ('a<b>c:d"e|f?g*h.jpg', "a_b_c_d_e_f_g_h.jpg"),
        ("tab\there\x7f\x85.jpg", "tab_here__.jpg"),
        ("lone \ud800 surrogate.jpg", "lone _ surrogate.jpg"),
        ("retouched/day 1/IMG_1.jpg", "IMG_1.jpg"),
        ("C:\\photos\\IMG_1.jpg", "IMG_1.jpg"),
        ("../../etc/passwd", "passwd"),
        ("folder/", "_"),
        ("", "_"),
        (".", "_"),
        ("..", "__"),
        ("ends with dots...", "ends with dots___"),
        ("ends with a space.jpg ", "ends with a space.jpg_"),
        (" .hidden.jpg", " .hidden.jpg"),
        ("CON", "_CON"),
        ("con.jpg", "_con.jpg"),
        ("Lpt9.tar.gz", "_Lpt9.tar.gz"),
        ("COM¹.jpg", "_COM¹.jpg"),
        ("aux .jpg", "_aux .jpg"),
        ("console.jpg", "console.jpg"),
        ("COM10.jpg", "COM10.jpg"),
    ],
)
def test_what_windows_forbids_becomes_an_underscore(given_name: str, safe: str) -> None:
    assert safe_name(given_name) == safe


def test_a_name_too_long_for_file_systems_is_cut_before_its_extension() -> None:
    safe = safe_name("🦊" * 200 + ".jpeg")

    assert safe == "🦊" * 62 + ".jpeg"
    assert len(safe.encode()) <= 255


def test_equal_names_are_numbered_from_the_second_on() -> None:
    assert unique_names(["a.jpg", "b.jpg", "a.jpg", "a.jpg"]) == ["a.jpg", "b.jpg", "a (2).jpg", "a (3).jpg"]


def test_a_number_never_takes_the_name_of_another_file() -> None:
    assert unique_names(["a.jpg", "a.jpg", "A (2).jpg"]) == ["a.jpg", "a (3).jpg", "A (2).jpg"]


@pytest.mark.parametrize("other", ["IMG_É.JPG", "img_é.jpg", normalize("NFD", "IMG_é.jpg"), "x/IMG_é.jpg"])
def test_names_that_file_systems_take_for_equal_are_told_apart(other: str) -> None:
    first, second = unique_names(["IMG_é.jpg", other])

    assert first == "IMG_é.jpg"
    assert " (2)." in second


def test_names_made_equal_by_underscores_are_told_apart() -> None:
    assert unique_names(["a?.jpg", "a*.jpg"]) == ["a_.jpg", "a_ (2).jpg"]


def test_long_equal_names_are_cut_to_have_room_for_the_number() -> None:
    first, second = unique_names(["x" * 251 + ".jpg"] * 2)

    assert first == "x" * 251 + ".jpg"
    assert second == "x" * 247 + " (2).jpg"


def test_many_equal_names_take_no_longer_each() -> None:
    assert unique_names(["a.jpg"] * 20_000)[-1] == "a (20000).jpg"


@given(st.lists(names, max_size=20))
def test_names_are_safe_distinct_and_final(given_names: list[str]) -> None:
    made = unique_names(given_names)

    assert len({normalize("NFC", normalize("NFC", name).casefold()) for name in made}) == len(given_names)
    assert unique_names(made) == made
    for name in made:
        assert 0 < len(name.encode()) <= 255
        assert not set(name) & set('<>:"/\\|?*\0\n')
        assert name[-1] not in ". "
