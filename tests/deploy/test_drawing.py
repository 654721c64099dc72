"""Drawn photos."""

import pytest
import pyvips

from deploy.local.drawing import photo


def test_a_name_is_always_the_same_photo_and_no_other_names() -> None:
    photos = {photo(f"IMG_{number:04}.JPG", 300, 200) for _ in range(2) for number in range(20)}

    assert len(photos) == 20


@pytest.mark.parametrize(("width", "height"), [(1_200, 800), (80, 120), (1, 1)])
@pytest.mark.parametrize("orientation", [1, 6])
def test_a_photo_has_the_size_asked_for_as_it_is_shown(width: int, height: int, orientation: int) -> None:
    shown = pyvips.Image.new_from_buffer(photo("IMG <1> & 2", width, height, orientation=orientation), "").autorot()

    assert (shown.width, shown.height) == (width, height)
