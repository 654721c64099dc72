"""What a mail server's answers mean, and that one connection serves many mails (rule 6)."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from pydantic import ValidationError

from services.notifier.app import mail_server
from services.notifier.smtp import Deferred, Letter, MailError, MailServer, Refused, ServerDown, SmtpAddress, Unsure
from tests.notifier.post_office import HANG_UP, SILENCE, PostOffice
from tests.notifier.posting import notifier_settings

LETTER = Letter("mailer@example.com", "anna@example.com", b"Subject: Hi\r\n\r\n.one\r\n..two\r\n")


@asynccontextmanager
async def connected(office: PostOffice, url: str | None = None) -> AsyncIterator[MailServer]:
    impatient = {"smtp_timeout": 0.2, "smtp_answer_timeout": 0.2}
    server = mail_server(notifier_settings(url or office.url, **impatient))
    try:
        yield server
    finally:
        await server.close()


async def test_a_letter_arrives_as_it_is() -> None:
    async with PostOffice() as office, connected(office) as server:
        await server.be_ready()
        await server.send(LETTER)

        assert office.letters == [LETTER.content]
        assert "MAIL FROM:<mailer@example.com>" in office.commands
        assert "RCPT TO:<anna@example.com>" in office.commands


async def test_one_connection_serves_many_letters() -> None:
    async with PostOffice() as office, connected(office) as server:
        for _ in range(20):
            await server.be_ready()
            await server.send(LETTER)

        assert (office.connections, len(office.letters)) == (1, 20)


async def test_a_connection_that_the_server_closed_meanwhile_is_replaced_before_the_next_letter() -> None:
    async with PostOffice() as office, connected(office) as server:
        await server.be_ready()
        await server.send(LETTER)
        office.hang_up()
        await server.be_ready()
        await server.send(LETTER)

        assert (office.connections, len(office.letters)) == (2, 2)


async def test_an_unused_connection_is_closed_politely() -> None:
    async with PostOffice() as office:
        server = mail_server(notifier_settings(office.url, smtp_idle=0))
        await server.be_ready()
        await server.close_if_idle()

        assert office.commands[-1] == "QUIT"


@pytest.mark.parametrize(
    ("step", "answer", "meaning"),
    [
        ("MAIL", "451 later", Deferred),
        ("MAIL", "552 never", Refused),
        ("MAIL", HANG_UP, Deferred),
        ("MAIL", SILENCE, Deferred),
        ("RCPT", "451 later", Deferred),
        ("RCPT", "421 going down", Deferred),
        ("RCPT", "550 no such user", Refused),
        ("RCPT", HANG_UP, Deferred),
        ("RCPT", "gibberish", Deferred),
        ("DATA", "451 later", Deferred),
        ("DATA", "554 never", Refused),
        ("DATA", HANG_UP, Deferred),
        ("DATA", SILENCE, Deferred),
        ("CONTENT", "452 disk full", Deferred),
        ("CONTENT", "554 spam", Refused),
        ("CONTENT", HANG_UP, Unsure),
        ("CONTENT", SILENCE, Unsure),
        ("CONTENT", "gibberish", Unsure),
    ],
)
async def test_each_answer_at_each_step_has_its_meaning(step: str, answer: str, meaning: type[MailError]) -> None:
    async with PostOffice({step: answer}) as office, connected(office) as server:
        await server.be_ready()
        with pytest.raises(meaning) as raised:
            await server.send(LETTER)
        assert raised.type is meaning
        if answer[0].isdigit():
            assert str(raised.value) == answer

        office.script = {}
        await server.be_ready()
        await server.send(LETTER)


@pytest.mark.parametrize(
    ("step", "answer"),
    [
        ("GREETING", "421 too busy"),
        ("GREETING", "554 not you"),
        ("GREETING", HANG_UP),
        ("GREETING", SILENCE),
        ("EHLO", HANG_UP),
        ("RSET", "421 going down"),
    ],
)
async def test_a_server_that_does_not_get_as_far_as_a_mail_is_down(step: str, answer: str) -> None:
    async with PostOffice({step: answer}) as office, connected(office) as server:
        with pytest.raises(ServerDown):
            await server.be_ready()

        office.script = {}
        await server.be_ready()


async def test_a_server_that_is_not_there_is_down() -> None:
    async with PostOffice() as office:
        url = office.url
    async with connected(office, url) as server:
        with pytest.raises(ServerDown, match="Error connecting"):
            await server.be_ready()


async def test_a_wrong_password_is_the_operators_matter_and_fails_no_mail() -> None:
    async with PostOffice({"AUTH": "535 wrong password"}, extensions=("AUTH PLAIN",)) as office:
        url = office.url.replace("smtp://", "smtp://anna%40example.com:p%3Ass@")
        async with connected(office, url) as server:
            with pytest.raises(ServerDown, match="535") as raised:
                await server.be_ready()
            assert "p:ss" not in str(raised.value)

            office.script = {}
            await server.be_ready()
            assert "AUTH PLAIN AGFubmFAZXhhbXBsZS5jb20AcDpzcw==" in office.commands


async def test_without_the_tls_that_was_asked_for_nothing_is_sent() -> None:
    async with PostOffice() as office:
        for url in (f"{office.url}?starttls=required", office.url.replace("smtp:", "smtps:")):
            async with connected(office, url) as server:
                with pytest.raises(ServerDown):
                    await server.be_ready()


async def test_an_address_with_other_letters_needs_smtputf8() -> None:
    letter = Letter("mailer@example.com", "żaneta@example.com", b"Subject: Hi\r\n\r\n", utf8=True)
    async with PostOffice() as office, connected(office) as server:
        await server.be_ready()
        with pytest.raises(Refused, match="before the @"):
            await server.send(letter)

    async with PostOffice(extensions=("SMTPUTF8",)) as office, connected(office) as server:
        await server.be_ready()
        await server.send(letter)
        assert "RCPT TO:<żaneta@example.com>" in office.commands


async def test_words_of_a_server_in_another_encoding_can_be_stored() -> None:
    async with PostOffice({"RCPT": "550 Empf\xe4nger\x00 unbekannt"}) as office, connected(office) as server:
        await server.be_ready()
        with pytest.raises(Refused) as raised:
            await server.send(LETTER)
        assert str(raised.value).encode() == b"550 Empf nger unbekannt"


def test_an_smtp_url_says_where_who_and_how() -> None:
    expected = SmtpAddress("mail.example.com", 2525, "anna@example.com", "p:ss", tls=False, starttls=True)
    assert SmtpAddress.parse("smtp://anna%40example.com:p%3Ass@mail.example.com:2525?starttls=required") == expected
    assert SmtpAddress.parse("smtps://mail.example.com") == SmtpAddress(
        "mail.example.com", None, None, None, True, False
    )


@pytest.mark.parametrize("url", ["mail.example.com", "http://mail.example.com", "smtp://", "smtp://x?starttls=maybe"])
def test_an_smtp_url_that_cannot_be_read_is_refused_without_showing_it(url: str) -> None:
    with pytest.raises(ValidationError) as raised:
        notifier_settings(f"{url}#secret")
    assert "smtp://" in str(raised.value)
    assert "#secret" not in str(raised.value)
