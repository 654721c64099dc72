"""Writing mails: from what is known of orders to what goes over the wire."""

from dataclasses import dataclass
from datetime import datetime
from email.header import Header
from email.headerregistry import Address, AddressHeader
from email.message import EmailMessage
from email.policy import EmailPolicy
from email.utils import localtime
from uuid import UUID
from zoneinfo import ZoneInfo

from email_validator import validate_email

from chassis.links import client_url, reset_url, status_url
from mails.words import short_name
from mails.writing import Facts, Kind, OrderFacts, write
from services.notifier.mails import Mail
from services.notifier.settings import NotifierSettings
from services.notifier.smtp import Letter
from services.notifier.store import Addressee, Letterhead


class _Policy(EmailPolicy):
    """RFC 5322 on the wire; headers with other letters are folded by `email.header`.

    Python's newer folding loses spaces between encoded words until 3.13 (python/cpython#92081). A Message-ID is not
    folded at all: not every mail program finds one on the second line.
    """

    def fold(self, name: str, value: str) -> str:
        if name == "Message-ID":
            return f"{name}: {value}{self.linesep}"
        if self.utf8 or value.isascii():
            return str(super().fold(name, value))
        return f"{name}: {_encoded(name, value)}{self.linesep}"

    def fold_binary(self, name: str, value: str) -> bytes:
        return self.fold(name, value).encode()


_ASCII_WIRE = _Policy(linesep="\r\n")
_UTF8_WIRE = _ASCII_WIRE.clone(utf8=True)


def _encoded(name: str, value: str) -> str:
    if isinstance(value, AddressHeader):
        address = value.addresses[0]
        return f"{_encoded(name, address.display_name)}\r\n <{address.addr_spec}>"
    return Header(value, "utf-8", header_name=name).encode(linesep="\r\n")


@dataclass(frozen=True, slots=True)
class _Reader:
    name: str
    email: str
    locale: str

    @classmethod
    def of(cls, head: Letterhead, orders: tuple[Addressee, ...]) -> "_Reader":
        """The client of the orders; without any, the photographer."""
        if orders:
            return cls(orders[-1].name, orders[-1].email, orders[-1].locale)
        return cls(head.studio, head.email, head.locale)


class Writer:
    """Writes mails in the reader's language, as they go over the wire."""

    def __init__(self, settings: NotifierSettings) -> None:
        self.settings = settings
        self._secret = settings.secret.get_secret_value()

    def write(self, mail: Mail, head: Letterhead, orders: tuple[Addressee, ...], unmailed: int = 0) -> Letter:
        """A mail to the client of an order, or the one that lists links; without `orders`, one to a photographer.

        Raises `ValueError` when the address cannot be written to.
        """
        reader = _Reader.of(head, orders)
        recipient = _on_the_wire(mail.email or reader.email)
        message = EmailMessage(policy=_ASCII_WIRE if recipient.isascii() else _UTF8_WIRE)
        message["From"] = _address(head.studio, self.settings.mail_from)
        if mail.kind is not Kind.RESET:
            message["Reply-To"] = _address(head.studio, _on_the_wire(head.email))
        # Whoever asks for links may have placed the order too, with any words as a name and any address.
        message["To"] = _address("" if mail.email else reader.name, recipient)
        message["Message-ID"] = f"<{_identity(mail)}@{self.settings.mail_from.rpartition('@')[2]}>"
        message["Date"] = localtime()
        message["Auto-Submitted"] = "auto-generated"  # no holiday answers (RFC 3834)
        words = write(mail.kind, reader.locale, self._facts(mail, head, orders, reader.name, unmailed))
        message["Subject"] = words.subject
        message.set_content(words.text, cte="quoted-printable")
        message.add_alternative(words.html, subtype="html", cte="quoted-printable")
        message["Content-Language"] = reader.locale
        return Letter(self.settings.mail_from, recipient, message.as_bytes(), not recipient.isascii())

    def _facts(self, mail: Mail, head: Letterhead, orders: tuple[Addressee, ...], reader: str, unmailed: int) -> Facts:
        return Facts(
            gallery=head.gallery,
            studio=head.studio,
            studio_email=head.email,
            payment_instructions=head.payment_instructions,
            client=reader,
            orders=tuple(
                OrderFacts(each.number, each.photos, each.total, self._url(mail, each.order_id, each.link_rotation))
                for each in orders
            ),
            keep_until=self._here(head.keep_until),
            gallery_url=f"{self.settings.public_url}/galleries/{mail.gallery_id}/transfer",
            unmailed=unmailed,
            reset_url=reset_url(self.settings.public_url, self._secret, mail.id),
            expires_at=self._here(mail.expires_at if mail.kind is Kind.RESET else None),  # others never do
        )

    def _here(self, moment: datetime | None) -> datetime | None:
        return moment and moment.astimezone(ZoneInfo(self.settings.time_zone))

    def _url(self, mail: Mail, order_id: UUID, rotation: int) -> str:
        """The personal link; for who has not paid yet the order's status, behind the public link (S6)."""
        if mail.kind is Kind.UNPAID and mail.gallery_id:
            return status_url(self.settings.public_url, self._secret, mail.gallery_id, order_id)
        return client_url(self.settings.public_url, self._secret, order_id, rotation)


def _address(name: str, address: str) -> Address:
    username, _, domain = address.rpartition("@")
    return Address(short_name(name), username, domain)


def _identity(mail: Mail) -> str:
    """The same for every try at one mail, so that a mail program shows a repeated one once."""
    match mail.kind:
        case Kind.LINKS | Kind.RESET:
            return str(mail.id)
        case Kind.READY:
            return f"{mail.order_id}.{mail.attempt}"
        case Kind.LAST_DAYS | Kind.ENDS_14 | Kind.ENDS_3:
            return f"{mail.order_id or mail.gallery_id}.{mail.kind}.{mail.attempt}"
        case _:
            return f"{mail.order_id}.{mail.kind}"


def _on_the_wire(address: str) -> str:
    """The address with an ASCII domain (IDNA); all of it ASCII unless its local part is not."""
    checked = validate_email(address, check_deliverability=False, globally_deliverable=False)
    return checked.ascii_email or f"{checked.local_part}@{checked.ascii_domain}"
