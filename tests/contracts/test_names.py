"""S2: what is the same file name, and what is none."""

import unicodedata

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from contracts.names import UnusableName, checked_filename, match_key


@pytest.mark.parametrize(
    "spelling",
    [
        "IMG_0001.JPG",
        "img_0001.jpeg",
        "Img_0001.tiff",
        "C:\\photos\\IMG_0001.jpg",
        "class 3b/IMG_0001.png",
        " IMG_0001.jpg ",
        "IMG_0001 .jpg",
        "IMG_0001",
        "\u2003IMG_0001.heic\u00a0",
    ],
)
def test_spellings_of_one_picture_have_one_key(spelling: str) -> None:
    assert match_key(spelling) == "img_0001"


def test_composed_and_decomposed_letters_are_the_same() -> None:
    assert match_key(unicodedata.normalize("NFD", "Żółć.jpg")) == match_key("żółć.JPG")


def test_case_folds_beyond_lower_case() -> None:
    assert match_key("Straße.jpg") == match_key("STRASSE.JPG")


@pytest.mark.parametrize("name", ["IMG_0001-Edit.jpg", "IMG_0001 copy.jpg", "IMG_0001.jpg.jpg", "IMG_0001.txt"])
def test_other_names_are_other_pictures(name: str) -> None:
    assert match_key(name) != "img_0001"


@pytest.mark.parametrize("name", ["", " ", ".jpg", "..", "...jpg", "folder/", "a\\.png", "\u2003"])
def test_a_name_with_nothing_to_match_by_is_refused(name: str) -> None:
    with pytest.raises(UnusableName, match="rename the file"):
        match_key(name)


@pytest.mark.parametrize("name", ["a" * 256 + ".jpg", "", "a\x00b.jpg", "a\nb.jpg", "\x7f.jpg", "\ud800.jpg"])
def test_a_name_that_cannot_be_kept_is_refused(name: str) -> None:
    with pytest.raises(UnusableName):
        checked_filename(name)


@pytest.mark.parametrize("name", ["🙂.jpg", "a" * 200 + ".jpg", "‫שלום‬.jpg", "../../etc/passwd.jpg"])
def test_a_strange_name_is_kept_as_it_is(name: str) -> None:
    assert checked_filename(name) == name


@given(st.text(min_size=1, max_size=60))
def test_a_key_does_not_change_with_case_form_folder_or_extension(name: str) -> None:
    try:
        key = match_key(f"{name}.jpg")
    except UnusableName:
        assume(False)
    assert match_key(f"folder/{name}.PNG") == key
    assert match_key(unicodedata.normalize("NFD", f"{name}.jpg")) == key
    assert match_key(f"{name.casefold()}.jpg") == key
