"""A mail server that misbehaves at any moment of a conversation, as its script says."""

import asyncio
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Self

from tests.waiting import eventually

HANG_UP = "hang up"
SILENCE = "silence"


@dataclass
class PostOffice:
    """Answers each step as the script says: an SMTP answer, `HANG_UP`, or `SILENCE`; else as a good server does.

    Steps: `GREETING EHLO AUTH MAIL RCPT DATA CONTENT RSET QUIT`. `letters` are the contents that reached it whole.
    """

    script: Mapping[str, str] = field(default_factory=dict)
    extensions: tuple[str, ...] = ()
    port: int = 0
    connections: int = 0
    commands: list[str] = field(default_factory=list)
    letters: list[bytes] = field(default_factory=list)
    steps: Counter[str] = field(default_factory=Counter)

    async def __aenter__(self) -> Self:
        self._open: set[asyncio.StreamWriter] = set()
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        self.hang_up()
        await self._server.wait_closed()

    @property
    def url(self) -> str:
        """Where to send mails."""
        return f"smtp://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    def hang_up(self) -> None:
        """Cut every conversation."""
        for writer in list(self._open):
            writer.transport.abort()

    def answer_all(self, answer: str) -> None:
        """Give an answer to all who wait in silence."""
        for writer in list(self._open):
            writer.write(f"{answer}\r\n".encode())

    async def until(self, step: str, times: int = 1) -> None:
        """Returns when conversations have come to this step so often."""

        async def is_there() -> bool:
            return self.steps[step] >= times

        await eventually(is_there)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self._open.add(writer)
        try:
            if self._answers(writer, "GREETING", "220 post office"):
                await self._converse(reader, writer)
        finally:
            self._open.discard(writer)
            writer.close()

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while line := (await reader.readline()).decode():
            self.commands.append(line.strip())
            step = line.split()[0].upper()
            if not self._answers(writer, step, self._usual_answer(step)):
                return
            if step == "DATA" and self.script.get("DATA", "354").startswith("354"):
                self.letters.append(await _content(reader))
                if not self._answers(writer, "CONTENT", "250 taken"):
                    return

    def _usual_answer(self, step: str) -> str:
        if step == "EHLO":
            return "\r\n".join(["250-post office", *(f"250-{it}" for it in self.extensions), "250 HELP"])
        return {"DATA": "354 go on", "QUIT": "221 bye", "AUTH": "235 welcome"}.get(step, "250 OK")

    def _answers(self, writer: asyncio.StreamWriter, step: str, usual: str) -> bool:
        self.steps[step] += 1
        answer = self.script.get(step, usual)
        if answer == HANG_UP:
            writer.transport.abort()
        elif answer != SILENCE:
            writer.write(f"{answer}\r\n".encode("latin-1"))
        return answer != HANG_UP


async def _content(reader: asyncio.StreamReader) -> bytes:
    lines = []
    while (line := await reader.readline()) not in (b".\r\n", b""):
        lines.append(line.removeprefix(b"."))
    return b"".join(lines)
