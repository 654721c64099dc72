"""Writing mails: the words alone. Envelope and headers are the sender's."""

from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from contracts import money
from contracts.base import Money
from contracts.orders import Locale
from mails.words import english, lines, moment, one_line, polish, short_name

TEMPLATES = Path(__file__).parent / "templates"


class Kind(StrEnum):
    """`ready`: the photos of an order are there. `links`: where all orders of an address are. The others remind.

    `ends_14`, `ends_3`: so many days before a gallery is deleted, to its photographer. `reset`: where a photographer
    sets a new one.
    """

    READY = "ready"
    LINKS = "links"
    UNPAID = "unpaid"
    NOT_DOWNLOADED = "not_downloaded"
    LAST_DAYS = "last_days"
    ENDS_14 = "ends_14"
    ENDS_3 = "ends_3"
    RESET = "reset"


@dataclass(frozen=True, slots=True)
class OrderFacts:
    """An order as a mail names it; `url` is where the mail leads."""

    number: int
    photos: int
    total: Money
    url: str


@dataclass(frozen=True, slots=True)
class Facts:
    """What a mail is about; one of links has one or more `orders`, one to a photographer none, every other has one.

    `client` is who reads it. `unmailed`: so many paid orders of the gallery at `gallery_url` wait for their mail.
    `reset_url` sets a new password, once, until `expires_at`; that and `keep_until` are in the time zone in which they
    are shown.
    """

    gallery: str
    studio: str
    studio_email: str
    payment_instructions: str
    client: str
    orders: tuple[OrderFacts, ...]
    keep_until: datetime | None = None
    gallery_url: str = ""
    unmailed: int = 0
    reset_url: str = ""
    expires_at: datetime | None = None


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
        "day": moment(facts.keep_until, locale) if facts.keep_until else "",
        "gallery_url": facts.gallery_url,
        "unmailed": facts.unmailed,
        "reset_url": facts.reset_url,
        "expires": moment(facts.expires_at, locale) if facts.expires_at else "",
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
