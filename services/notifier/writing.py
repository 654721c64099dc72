"""Writing mails: from what is known of orders to what goes over the wire."""

from email.header import Header
from email.headerregistry import Address, AddressHeader
from email.message import EmailMessage
from email.policy import SMTPUTF8, EmailPolicy
from email.utils import localtime
from pathlib import Path
from uuid import UUID

from email_validator import validate_email
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from chassis.links import client_url
from services.notifier.mails import Mail
from services.notifier.settings import NotifierSettings
from services.notifier.smtp import Letter
from services.notifier.store import Addressee, Letterhead
from services.notifier.words import english, one_line, polish

TEMPLATES = Path(__file__).parent / "templates"
LONGEST_NAME = 100


class _Policy(EmailPolicy):
    """RFC 5322 on the wire; headers with other letters are folded by `email.header`.

    Python's newer folding loses spaces between encoded words until 3.13 (python/cpython#92081).
    """

    def fold(self, name: str, value: str) -> str:
        if value.isascii():
            return str(super().fold(name, value))
        return f"{name}: {_encoded(name, value)}{self.linesep}"

    def fold_binary(self, name: str, value: str) -> bytes:
        return self.fold(name, value).encode("ascii")


_ASCII_WIRE = _Policy(linesep="\r\n")


def _encoded(name: str, value: str) -> str:
    if isinstance(value, AddressHeader):
        address = value.addresses[0]
        return f"{_encoded(name, address.display_name)}\r\n <{address.addr_spec}>"
    return Header(value, "utf-8", header_name=name).encode(linesep="\r\n")


class Writer:
    """Writes mails in the client's language."""

    def __init__(self, settings: NotifierSettings) -> None:
        self.settings = settings
        self.templates = Environment(
            loader=FileSystemLoader(TEMPLATES),
            autoescape=select_autoescape(["html"]),
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=True,
        )
        self.templates.filters |= {"english": english, "polish": polish}

    def write(self, mail: Mail, head: Letterhead, orders: tuple[Addressee, ...]) -> Letter:
        """The mail that says that an order's photos are ready, or the one that lists links.

        Raises `ValueError` when the address cannot be written to.
        """
        client = orders[-1]
        recipient = _on_the_wire(mail.email or client.email)
        message = EmailMessage(policy=_ASCII_WIRE if recipient.isascii() else SMTPUTF8)
        message["From"] = _address(head.studio, self.settings.mail_from)
        message["Reply-To"] = _address(head.studio, _on_the_wire(head.email))
        # Whoever asks for links may have placed the order too, with any words as a name and any address.
        message["To"] = _address("" if mail.email else client.name, recipient)
        message["Message-ID"] = f"<{_identity(mail)}@{self.settings.mail_from.rpartition('@')[2]}>"
        message["Date"] = localtime()
        message["Auto-Submitted"] = "auto-generated"  # no holiday answers (RFC 3834)
        self._fill(message, mail, head, orders)
        return Letter(self.settings.mail_from, recipient, message.as_bytes(), not recipient.isascii())

    def _fill(self, message: EmailMessage, mail: Mail, head: Letterhead, orders: tuple[Addressee, ...]) -> None:
        template = f"{orders[-1].locale}/{'links' if mail.email else 'ready'}"
        values = {
            "gallery": _name(head.gallery),
            "studio": {"name": _name(head.studio), "email": head.email},
            "client": _name(orders[-1].name),
            "orders": [{"number": o.number, "photos": o.photos, "url": self._url(o)} for o in orders],
        }
        subject, text, html = (
            self.templates.get_template(f"{template}.{kind}").render(values) for kind in ("subject", "txt", "html")
        )
        message["Subject"] = one_line(subject)
        message.set_content(text, cte="quoted-printable")
        message.add_alternative(html, subtype="html", cte="quoted-printable")
        message["Content-Language"] = orders[-1].locale

    def _url(self, order: Addressee) -> str:
        secret = self.settings.secret.get_secret_value()
        return client_url(self.settings.public_url, secret, order.order_id, order.link_rotation)


def _name(name: str) -> str:
    line = one_line(name)
    return line if len(line) <= LONGEST_NAME else f"{line[: LONGEST_NAME - 1]}…"


def _address(name: str, address: str) -> Address:
    username, _, domain = address.rpartition("@")
    return Address(_name(name), username, domain)


def _identity(mail: Mail) -> str | UUID:
    """The same for every try at one mail, so that a mail program shows a repeated one once."""
    return f"{mail.order_id}.{mail.attempt}" if mail.order_id else mail.id


def _on_the_wire(address: str) -> str:
    """The address with an ASCII domain (IDNA); all of it ASCII unless its local part is not."""
    checked = validate_email(address, check_deliverability=False, globally_deliverable=False)
    return checked.ascii_email or f"{checked.local_part}@{checked.ascii_domain}"
