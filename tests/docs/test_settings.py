"""The page of settings is up to date and leaves nothing unsaid."""

import pytest

from contracts.topology import SERVICES
from tests.docs.settings import PAGE, page, settings_of


def test_the_page_of_settings_is_up_to_date() -> None:
    assert PAGE.read_text() == page(), "run 'make fmt' and commit docs/settings.md"


@pytest.mark.parametrize("service", SERVICES)
def test_every_setting_says_what_it_means_on_the_page(service: str) -> None:
    for name, field in settings_of(service).model_fields.items():
        assert field.description, f"give {name} a docstring"
        assert f"| `PHOTOFERRY_{name.upper()}` |" in page()
