"""The SMTP side, which can be told by a recipient's address to misbehave.

The local part of a recipient decides (`.anna` is anything, to tell addresses apart):

- `reject-550.anna@…`, `defer-451.anna@…`: RCPT is answered with this 5xx or 4xx code, always;
- `defer-451x2.anna@…`: only the first two times, then the address works;
- `hangup.anna@…`: the mail is taken and kept, and the connection cut instead of an answer to DATA;
- anything else: `250`.
"""

import re
from asyncio import WriteTransport
from collections import Counter

from aiosmtpd.smtp import SMTP, Envelope, Session

from deploy.local.mail.mailbox import Mailbox

REFUSED = re.compile(r"(?:reject|defer)-(?P<code>[45]\d\d)(?:x(?P<times>\d+))?(?:\.[^@]*)?@")
HANGS_UP = re.compile(r"hangup(?:\.[^@]*)?@")


class Catcher:
    """Takes mails for any address into the mailbox; the hooks are aiosmtpd's."""

    def __init__(self, mailbox: Mailbox) -> None:
        self._mailbox = mailbox
        self._refusals: Counter[str] = Counter()

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, rcpt_options: list[str]
    ) -> str:
        """Answers RCPT TO as the address asks."""
        if code := self._refusal(address):
            return f"{code} {address} asked to be answered so"
        envelope.rcpt_tos.append(address)
        envelope.rcpt_options.extend(rcpt_options)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        """Keeps the mail, and answers unless a recipient asks to hang up."""
        number = self._mailbox.add(envelope.mail_from or "", envelope.rcpt_tos, envelope.original_content or b"")
        if any(HANGS_UP.match(address) for address in envelope.rcpt_tos):
            _hang_up(server)
        return f"250 kept as number {number}"

    def _refusal(self, address: str) -> str | None:
        asked = REFUSED.match(address)
        if not asked or (asked["times"] and self._refusals[address] >= int(asked["times"])):
            return None
        self._refusals[address] += 1
        return asked["code"]


def _hang_up(server: SMTP) -> None:
    if isinstance(server.transport, WriteTransport):
        server.transport.abort()
