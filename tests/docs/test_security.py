"""What the page on security refers to is there."""

import re
from pathlib import Path

import pytest

from tests.docs.settings import page

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "security.md").read_text()


@pytest.mark.parametrize("path", sorted(set(re.findall(r"`([a-z]+/[\w./]+|requirements\.lock)`", PAGE))))
def test_what_answers_an_item_is_there(path: str) -> None:
    assert (ROOT / path).is_file()


@pytest.mark.parametrize("name", sorted(set(re.findall(r"`(PHOTOFERRY_\w+)`", PAGE))))
def test_settings_that_answer_an_item_are_there(name: str) -> None:
    assert f"| `{name}` |" in page()
