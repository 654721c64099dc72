from collections.abc import AsyncIterator
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import aiohttp
import aiosmtplib
import pytest

from deploy.local.servers import MailCatcher


@pytest.fixture
async def mail(tmp_path: Path) -> AsyncIterator[MailCatcher]:
    async with MailCatcher(tmp_path / "mail") as catcher:
        yield catcher


async def send(mail: MailCatcher, to: str, subject: str = "Your photos", html: str = "<p>Hi</p>") -> None:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "studio@example.com", to, subject
    message.set_content("Cześć")
    message.add_alternative(html, subtype="html")
    await aiosmtplib.send(message, hostname="127.0.0.1", port=mail.port, timeout=10)


async def read(mail: MailCatcher, path: str) -> Any:
    async with aiohttp.ClientSession() as http, http.get(mail.web_url + path) as answer:
        return await answer.json() if path.startswith("/api/") else await answer.text()


async def test_mails_are_listed_newest_first_and_read_in_full(mail: MailCatcher) -> None:
    await send(mail, "anna@example.com", "First")
    await send(mail, "żaneta@example.com", "Drugi ąę")

    items = (await read(mail, "/api/mails"))["items"]
    assert [(it["number"], it["recipients"], it["subject"]) for it in items] == [
        (2, ["żaneta@example.com"], "Drugi ąę"),
        (1, ["anna@example.com"], "First"),
    ]
    one = await read(mail, "/api/mails/1")
    assert (one["text"].strip(), one["html"].strip()) == ("Cześć", "<p>Hi</p>")
    assert ["From", "studio@example.com"] in one["headers"]


async def test_mails_outlive_a_restart(mail: MailCatcher) -> None:
    await send(mail, "anna@example.com", "First")
    await mail.stop()
    await mail.start()
    await send(mail, "anna@example.com", "Second")

    assert [it["subject"] for it in (await read(mail, "/api/mails"))["items"]] == ["Second", "First"]


async def test_pages_escape_what_a_mail_says_and_show_its_html_in_a_sandbox(mail: MailCatcher) -> None:
    await send(mail, "anna@example.com", subject="<script>alert(1)</script>", html="<script>alert(2)</script>")

    for path in ("/", "/mails/1"):
        page = await read(mail, path)
        assert "&lt;script&gt;alert(1)" in page
        assert "<script" not in page
    assert '<iframe sandbox="allow-popups allow-popups-to-escape-sandbox"' in page
    async with aiohttp.ClientSession() as http, http.get(f"{mail.web_url}/mails/1/html") as answer:
        assert answer.headers["Content-Security-Policy"].startswith("sandbox ")
        assert "allow-scripts" not in answer.headers["Content-Security-Policy"]


@pytest.mark.parametrize(("address", "code"), [("reject-550@example.com", 550), ("defer-451.anna@example.com", 451)])
async def test_an_address_can_ask_to_be_refused(mail: MailCatcher, address: str, code: int) -> None:
    for _ in range(2):
        with pytest.raises(aiosmtplib.SMTPRecipientsRefused) as refused:
            await send(mail, address)
        assert refused.value.recipients[0].code == code

    assert (await read(mail, "/api/mails"))["items"] == []


async def test_an_address_can_ask_to_be_refused_so_many_times(mail: MailCatcher) -> None:
    with pytest.raises(aiosmtplib.SMTPRecipientsRefused):
        await send(mail, "defer-451x1.anna@example.com")

    await send(mail, "defer-451x1.anna@example.com")

    assert len((await read(mail, "/api/mails"))["items"]) == 1


async def test_an_address_can_ask_for_a_hang_up_after_the_mail_was_taken(mail: MailCatcher) -> None:
    with pytest.raises(aiosmtplib.SMTPServerDisconnected):
        await send(mail, "hangup.anna@example.com")

    assert len((await read(mail, "/api/mails"))["items"]) == 1
