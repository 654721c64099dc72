"""Pages made from templates; everything that people wrote is escaped."""

from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from contracts.orders import Locale
from services.gateway import words
from services.gateway.reads.galleries import PublicGallery

_templates = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def client(shown: dict[str, Any], locale: Locale) -> str:
    """**Photos to download** of one order; `shown` is what the API shows of it."""
    return _templates.get_template("client.html").render(shown, locale=locale, words=words.PAGES[locale])


def public(gallery: PublicGallery) -> str:
    """What a gallery's public link shows."""
    locale = gallery.settings.locale
    return _templates.get_template("public.html").render(gallery=gallery, locale=locale, words=words.PAGES[locale])
