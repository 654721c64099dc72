"""The words of the pages: English in the code and templates, every other language in `locale/<language>`."""

from functools import cache
from gettext import GNUTranslations, NullTranslations, translation
from pathlib import Path

from babel import Locale as BabelLocale
from babel import negotiate_locale

from contracts.orders import Locale

LOCALES = ("en", "pl")
DOMAIN = "photoferry"
FOLDER = Path(__file__).parent / "locale"


@cache
def words(locale: Locale) -> GNUTranslations | NullTranslations:
    """`gettext` and `ngettext` of a language."""
    if locale == "en":
        return NullTranslations()
    return translation(DOMAIN, FOLDER, [locale])


def plural_samples(locale: Locale) -> dict[str, int]:
    """A number for each plural form, by the name that browsers know it by: `{"one": 1, "few": 2, "many": 0}`."""
    form_of = BabelLocale.parse(locale).plural_form
    return {form_of(number): number for number in reversed(range(100))}


def wanted_locale(accept_language: str) -> Locale:
    """The language that a browser asks for, if we speak it (RFC 9110, 12.5.4; browsers list the dearest first)."""
    wanted = [tag.split(";")[0].strip().split("-")[0] for tag in accept_language.split(",")]
    return negotiate_locale(wanted, LOCALES) or "en"
