"""The mail server: one connection for many mails, and what each of its answers means (rule 6)."""

import asyncio
import re
from contextlib import suppress
from dataclasses import dataclass
from typing import Self
from urllib.parse import parse_qs, unquote, urlsplit

from aiosmtplib import SMTP, SMTPException, SMTPResponse, SMTPResponseException

from chassis import tracing
from mails.words import one_line

LOST = (SMTPException, OSError)


@dataclass(frozen=True, slots=True)
class SmtpAddress:
    """Where the mail server is, and how to talk to it.

    `smtps://` and `?starttls=required` insist on TLS and check the certificate. Otherwise TLS is used where it is
    offered, with any certificate: better than none against listeners, and no promise.
    """

    host: str
    port: int | None
    user: str | None
    password: str | None
    tls: bool
    starttls: bool

    @classmethod
    def parse(cls, url: str) -> Self:
        """From `smtp://user:password@host:port?starttls=required`. Raises `ValueError` that says what is wrong."""
        parts = urlsplit(url)
        options = parse_qs(parts.query)
        if parts.scheme not in ("smtp", "smtps") or not parts.hostname:
            raise ValueError("write it as smtp://user:password@host:port or smtps://…")
        if options not in ({}, {"starttls": ["required"]}) or (options and parts.scheme == "smtps"):
            raise ValueError("the only option is ?starttls=required, after smtp://")
        return cls(
            host=parts.hostname,
            port=parts.port,
            user=unquote(parts.username) if parts.username else None,
            password=unquote(parts.password) if parts.password else None,
            tls=parts.scheme == "smtps",
            starttls=bool(options),
        )


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail as it goes over the wire. `utf8`: the address has letters that need SMTPUTF8 (RFC 6531)."""

    sender: str
    recipient: str
    content: bytes
    utf8: bool = False


class ServerDown(Exception):
    """The mail server cannot be talked to: refused, no TLS, wrong password. No mail is the worse for it."""


class MailError(Exception):
    """A mail was not confirmed; the words are for the photographer."""

    def __init__(self, words: str) -> None:
        super().__init__(one_line(words))


class Deferred(MailError):
    """Not sent: the server says "later" (4xx), or the connection broke before the content was on its way."""


class Refused(MailError):
    """Not sent: the server says "never" (5xx)."""


class Unsure(MailError):
    """Sent or not: the connection broke between the content and the answer to it."""


class MailServer:
    """One connection to the mail server, opened when there is something to send."""

    def __init__(self, address: SmtpAddress, *, timeout: float, answer_timeout: float, idle: float) -> None:
        self.answer_timeout = answer_timeout
        self.idle = idle
        self._used_at = 0.0
        self._smtp = SMTP(
            hostname=address.host,
            port=address.port,
            username=address.user,
            password=address.password,
            use_tls=address.tls,
            start_tls=address.starttls or (False if address.tls else None),
            validate_certs=address.tls or address.starttls,
            timeout=timeout,
        )

    async def be_ready(self) -> None:
        """Returns when the server waits for a mail, on the old connection or a new one. Raises `ServerDown`."""
        self._used_at = asyncio.get_running_loop().time()
        if self._smtp.is_connected:
            with suppress(*LOST):
                await self._smtp.rset()
                return
        self._smtp.close()
        try:
            await self._smtp.connect()
            await self._smtp.rset()
        except LOST as error:
            self._smtp.close()
            raise ServerDown(one_line(f"{type(error).__name__}: {error}")) from error

    async def send(self, letter: Letter) -> None:
        """Returns when the server has taken the letter. Raises `Refused`, `Deferred`, or `Unsure`."""
        with tracing.calling("smtp send"):
            await self._send(letter)

    async def _send(self, letter: Letter) -> None:
        try:
            await self._begin(letter)
        except SMTPResponseException as error:
            raise _refusal(error.code, error.message) from None
        except LOST as error:
            raise Deferred(f"The mail server broke off: {error}") from error
        answer = await self._answer_to(letter.content)
        if answer.code >= 400:
            raise _refusal(answer.code, answer.message)

    async def close_if_idle(self) -> None:
        """Say goodbye to the server when there was nothing to send for a while."""
        if self._smtp.is_connected and asyncio.get_running_loop().time() - self._used_at > self.idle:
            await self.close()

    async def close(self) -> None:
        """Say goodbye to the server."""
        with suppress(*LOST):
            await self._smtp.quit(timeout=2)
        self._smtp.close()

    async def _begin(self, letter: Letter) -> None:
        """All until the server waits for the content. Up to here, nothing is sent."""
        if letter.utf8 and not self._smtp.supports_extension("smtputf8"):
            raise Refused("This mail server cannot write to addresses with such letters before the @.")
        encoding = "utf-8" if letter.utf8 else "ascii"
        await self._smtp.mail(letter.sender, options=["SMTPUTF8"] if letter.utf8 else [], encoding=encoding)
        await self._smtp.rcpt(letter.recipient, encoding=encoding)
        answer = await self._smtp.execute_command(b"DATA")
        if answer.code != 354:
            raise SMTPResponseException(answer.code, answer.message)

    async def _answer_to(self, content: bytes) -> SMTPResponse:
        """Send the content, and its end. `SMTP.data` would not tell a break before it from one after it."""
        protocol = self._smtp.protocol
        if protocol is None or not protocol.is_connected:
            raise Deferred("The mail server broke off before it took the mail.")
        try:
            protocol.write(re.sub(rb"(?m)^\.", b"..", content) + b".\r\n")
            return await protocol.read_response(timeout=self.answer_timeout)
        except LOST as error:
            self._smtp.close()
            raise Unsure(f"The mail server broke off before it confirmed the mail: {error}") from error


def _refusal(code: int, message: str) -> Deferred | Refused:
    words = f"{code} {message}"
    return Refused(words) if code >= 500 else Deferred(words)
