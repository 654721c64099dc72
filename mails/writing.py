"""Writing mails: the words alone. Envelope and headers are the sender's."""

from dataclasses import asdict, dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from contracts import money
from contracts.base import Money
from contracts.orders import Locale
from mails.words import english, lines, one_line, polish, short_name

TEMPLATES = Path(__file__).parent / "templates"


class Kind(StrEnum):
    """`ready`: the photos of an order are there. `links`: where all orders of an address are. The others remind."""

    READY = "ready"
    LINKS = "links"
    UNPAID = "unpaid"
    NOT_DOWNLOADED = "not_downloaded"


@dataclass(frozen=True, slots=True)
class OrderFacts:
    """An order as a mail names it; `url` is where the mail leads."""

    number: int
    photos: int
    total: Money
    url: str


@dataclass(frozen=True, slots=True)
class Facts:
    """What a mail is about; a mail of links has one or more `orders`, every other has one."""

    gallery: str
    studio: str
    studio_email: str
    payment_instructions: str
    client: str
    orders: tuple[OrderFacts, ...]


@dataclass(frozen=True, slots=True)
class Words:
    """A mail's subject and its two bodies, which say the same."""

    subject: str
    text: str
    html: str


def write(kind: Kind, locale: Locale, facts: Facts) -> Words:
    """The words of a mail in the reader's language. Whatever people wrote stays in its place."""
    shown = {
        "gallery": short_name(facts.gallery),
        "studio": {"name": short_name(facts.studio), "email": facts.studio_email},
        "instructions": lines(facts.payment_instructions),
        "client": short_name(facts.client),
        "orders": [asdict(each) | {"total": money.shown(each.total, locale)} for each in facts.orders],
    }
    subject, text, html = (
        _templates().get_template(f"{locale}/{kind}.{form}").render(shown) for form in ("subject", "txt", "html")
    )
    return Words(one_line(subject), text, html)


@cache
def _templates() -> Environment:
    made = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=select_autoescape(["html"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    made.filters |= {"english": english, "polish": polish}
    return made
