"""Caught mails as .eml files, numbered from 1 in the order of arrival."""

from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path


@dataclass(frozen=True)
class Mail:
    """One caught mail. `recipients` are the addresses it was really sent to, whatever its headers say."""

    number: int
    recipients: tuple[str, ...]
    message: EmailMessage

    @property
    def subject(self) -> str:
        """Its subject, decoded."""
        return str(self.message["Subject"] or "")

    def body(self, kind: str) -> str | None:
        """Its first body of the kind `plain` or `html`, decoded; None when it has none."""
        part = self.message.get_body((kind,))
        return None if part is None else str(part.get_content())

    def summary(self) -> dict[str, object]:
        """What the list shows."""
        return {
            "number": self.number,
            "from": str(self.message["From"] or ""),
            "to": str(self.message["To"] or ""),
            "recipients": list(self.recipients),
            "subject": self.subject,
            "date": str(self.message["Date"] or ""),
            "message_id": str(self.message["Message-ID"] or ""),
        }

    def details(self) -> dict[str, object]:
        """All of it, for scripts."""
        headers = [[name, str(value)] for name, value in self.message.items()]
        return self.summary() | {"text": self.body("plain"), "html": self.body("html"), "headers": headers}


class Mailbox:
    """The folder of caught mails. One process writes to it; reading sees whole mails only."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._last = max(self._numbers(), default=0)

    def add(self, sender: str, recipients: list[str], content: bytes) -> int:
        """Keeps a mail, with the addresses of its envelope as headers (RFC 5321, 4.4), and returns its number."""
        envelope = [("Return-Path", f"<{sender}>"), *(("Delivered-To", recipient) for recipient in recipients)]
        head = "".join(f"{name}: {value}\r\n" for name, value in envelope)
        number = self._last + 1
        unfinished = self._folder / "incoming"
        unfinished.write_bytes(head.encode() + content)
        unfinished.rename(self._path(number))
        self._last = number
        return number

    def get(self, number: int) -> Mail | None:
        """The mail of this number, if there is one."""
        path = self._path(number)
        if not path.exists():
            return None
        message = message_from_bytes(path.read_bytes(), policy=policy.default)
        return Mail(number, tuple(map(str, message.get_all("Delivered-To", []))), message)

    def all(self) -> list[Mail]:
        """Every mail, the newest first."""
        return [mail for number in sorted(self._numbers(), reverse=True) if (mail := self.get(number))]

    def _numbers(self) -> list[int]:
        return [int(path.stem) for path in self._folder.glob("*.eml")]

    def _path(self, number: int) -> Path:
        return self._folder / f"{number:06}.eml"
