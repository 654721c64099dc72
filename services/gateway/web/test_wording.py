"""Every text of the pages is translated."""

import subprocess
import sys
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po

from services.gateway.web.wording import DOMAIN, FOLDER, LOCALES, wanted_locale


def texts_of_the_pages(into: Path) -> Catalog:
    command = ["pybabel", "-q", "extract", "-F", f"{FOLDER}/babel.cfg", "-o", str(into), str(FOLDER.parent)]
    subprocess.run([Path(sys.executable).parent / command[0], *command[1:]], check=True)
    with into.open("rb") as file:
        return read_po(file)


@pytest.mark.parametrize("locale", [locale for locale in LOCALES if locale != "en"])
def test_every_text_is_translated_in_every_form_it_has(locale: str, tmp_path: Path) -> None:
    with (FOLDER / locale / "LC_MESSAGES" / f"{DOMAIN}.po").open("rb") as file:
        translated = read_po(file)
    missing = []
    for message in texts_of_the_pages(tmp_path / "words.pot"):
        found = translated.get(message.id, message.context) if message.id else message
        strings = (found.string if isinstance(found.string, tuple) else [found.string]) if found else []
        if message.id and not (strings and all(strings)):
            missing.append(message.id)
    assert not missing


def test_a_browser_is_answered_in_the_language_it_asks_for() -> None:
    assert wanted_locale("pl-PL,pl;q=0.9,en;q=0.8") == "pl"
    assert wanted_locale("de-DE, pl;q=0.5") == "pl"
    assert wanted_locale("de") == "en"
    assert wanted_locale("") == "en"
