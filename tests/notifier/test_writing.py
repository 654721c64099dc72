"""How mails are worded, and that no name breaks out of its place."""

from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.parser import BytesHeaderParser
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chassis.links import client_url, reset_url, status_url
from contracts.base import Money, utc_now, uuid7
from contracts.notifier import MailState
from mails.words import LONGEST_NAME, one_line, polish
from mails.writing import Kind
from services.notifier.mails import Mail
from services.notifier.smtp import Letter
from services.notifier.store import Addressee, Letterhead, own_letterhead
from services.notifier.writing import Writer
from tests.notifier.posting import PUBLIC_URL, SECRET, notifier_settings

INSTRUCTIONS = "Konto 12 3456 7890\nTytuł: numer zamówienia"
GALLERY = uuid7()
WRITER = Writer(notifier_settings(mail_from="mailer@photos.example.com"))


def letterhead(**given: Any) -> Letterhead:
    made = {
        "gallery": "Klasa 3b",
        "studio": "Studio Żółw",
        "email": "studio@example.com",
        "payment_instructions": INSTRUCTIONS,
    }
    dated = {"locale": "pl", "keep_until": datetime(2026, 6, 14, 18, tzinfo=UTC)}
    return Letterhead(**{**made, **dated, **given})


STUDIO = letterhead()


def addressee(**given: Any) -> Addressee:
    made = {
        "order_id": uuid7(),
        "number": 7,
        "photos": 6,
        "total": Money(amount=7200, currency="PLN"),
        "link_rotation": 2,
        "name": "Anna Nowak",
        "email": "anna@example.com",
        "locale": "en",
    }
    return Addressee(**{**made, **given})


def mail(*orders: Addressee, kind: Kind = Kind.READY, email: str | None = None) -> Mail:
    return Mail(
        id=uuid7(),
        kind=Kind.LINKS if email else kind,
        gallery_id=GALLERY,
        order_id=None if email else orders[0].order_id,
        attempt=None if email else 1,
        email=email,
        locale=None,
        expires_at=utc_now(),
        order_ids=tuple(order.order_id for order in orders),
        state=MailState.SENDING,
        error=None,
        tries=1,
        first_tried_at=utc_now(),
        changed_at=utc_now(),
        revision=1,
        correlation_id=uuid7(),
        causation_id=uuid7(),
        traceparent=None,
    )


def write(*orders: Addressee, head: Letterhead = STUDIO, kind: Kind = Kind.READY, email: str | None = None) -> Letter:
    return WRITER.write(mail(*orders, kind=kind, email=email), head, orders)


def read(letter: Letter) -> EmailMessage:
    return message_from_bytes(letter.content, policy=policy.default)


def bodies(letter: Letter) -> tuple[str, str]:
    text, html = (read(letter).get_body((kind,)) for kind in ("plain", "html"))
    assert text
    assert html
    return text.get_content(), html.get_content()


def header(letter: Letter, name: str) -> str:
    """Decoded by the older parser: before Python 3.13 the newer puts spaces between the encoded words of a name."""
    return str(make_header(decode_header(BytesHeaderParser().parsebytes(letter.content)[name])))


@pytest.mark.parametrize(
    ("locale", "subject", "words"),
    [
        (
            "en",
            "Your photos from “Klasa 3b” are ready",
            ["Hello Anna Nowak,", "Order #7: 6 photos", "Reply to"],
        ),
        (
            "pl",
            "Twoje zdjęcia z galerii „Klasa 3b” są gotowe",
            ["Dzień dobry, Anna Nowak!", "Zamówienie #7: 6 zdjęć", "Odpowiedz na ten e-mail"],
        ),
    ],
)
def test_a_mail_is_in_the_clients_language(locale: str, subject: str, words: list[str]) -> None:
    order = addressee(locale=locale)
    letter = write(order)
    text, html = bodies(letter)

    assert read(letter)["Subject"] == subject
    url = client_url(PUBLIC_URL, SECRET, order.order_id, rotation=2)
    assert all(it in text for it in [*words, url, "Klasa 3b", "Studio Żółw", "studio@example.com"])
    plain_html = html.replace("<bdi>", "").replace("</bdi>", "")
    assert all(it in plain_html for it in [*words, f'href="{url}"', "Klasa 3b", "Studio Żółw", f'lang="{locale}"'])


def test_a_mail_comes_from_the_studio_by_the_servers_address_and_is_answered_to_the_studio() -> None:
    message = read(write(addressee()))

    assert message["From"] == "Studio Żółw <mailer@photos.example.com>"
    assert message["Reply-To"] == "Studio Żółw <studio@example.com>"
    assert message["To"] == "Anna Nowak <anna@example.com>"


def test_a_mail_to_the_photographer_is_in_the_studios_language_and_leads_to_the_gallery() -> None:
    about = mail(addressee(), kind=Kind.ENDS_3)
    letter = WRITER.write(replace(about, order_id=None, order_ids=()), STUDIO, (), unmailed=1)
    text, _ = bodies(letter)

    assert letter.recipient == "studio@example.com"
    assert read(letter)["To"] == "Studio Żółw <studio@example.com>"
    assert read(letter)["Message-ID"] == f"<{GALLERY}.ends_3.1@photos.example.com>"
    assert all(it in text for it in ("1 opłacone zamówienie czeka", "14 cze 2026, 20:00"))
    assert f"{PUBLIC_URL}/galleries/{GALLERY}/transfer" in text


def test_a_mail_about_a_password_is_in_the_studios_language_and_has_no_word_that_is_a_studios() -> None:
    about = mail(addressee(), email="victim@example.com")
    expires_at = datetime(2026, 6, 14, 19, 30, tzinfo=UTC)
    asked = replace(about, kind=Kind.RESET, gallery_id=None, locale="pl", order_ids=(), expires_at=expires_at)
    letter = WRITER.write(asked, own_letterhead("victim@example.com", "pl"), ())

    message = read(letter)
    assert message["From"] == "Photoferry <mailer@photos.example.com>"
    assert (message["To"], message["Reply-To"]) == ("victim@example.com", None)
    assert message["Message-ID"] == f"<{asked.id}@photos.example.com>"
    assert all(reset_url(PUBLIC_URL, SECRET, asked.id) in body for body in bodies(letter))
    assert all("14 cze 2026, 21:30" in body for body in bodies(letter))
    assert "/c/" not in bodies(letter)[0]


def test_the_message_id_is_the_same_at_every_try() -> None:
    order = addressee()

    assert read(write(order))["Message-ID"] == f"<{order.order_id}.1@photos.example.com>"


def test_the_mails_of_an_order_are_different_mails() -> None:
    order = addressee()
    for kind, which in ((Kind.READY, "1"), (Kind.UNPAID, "unpaid"), (Kind.NOT_DOWNLOADED, "not_downloaded")):
        identity = f"Message-ID: <{order.order_id}.{which}@photos.example.com>\r\n"
        assert identity.encode() in write(order, kind=kind).content


def test_who_has_not_paid_is_led_to_the_order_and_gets_no_personal_link() -> None:
    order = addressee()
    personal = client_url(PUBLIC_URL, SECRET, order.order_id, rotation=2)
    for body in bodies(write(order, kind=Kind.UNPAID)):
        assert status_url(PUBLIC_URL, SECRET, GALLERY, order.order_id) in body
        assert INSTRUCTIONS.splitlines()[0] in body
        assert personal not in body
        assert "/c/" not in body


def test_who_has_not_downloaded_gets_the_personal_link() -> None:
    order = addressee()
    for body in bodies(write(order, kind=Kind.NOT_DOWNLOADED)):
        assert client_url(PUBLIC_URL, SECRET, order.order_id, rotation=2) in body


@pytest.mark.parametrize("kind", [Kind.READY, Kind.UNPAID, Kind.NOT_DOWNLOADED])
def test_every_mail_says_that_a_program_has_sent_it_and_nobody_is_on_a_list(kind: Kind) -> None:
    message = read(write(addressee(), kind=kind))

    assert message["Auto-Submitted"] == "auto-generated"
    assert [name for name in message if name.lower().startswith(("list-", "precedence"))] == []


@pytest.mark.parametrize(
    ("count", "form"),
    [
        *((1, "zdjęcie"), (2, "zdjęcia"), (4, "zdjęcia"), (22, "zdjęcia"), (24, "zdjęcia"), (122, "zdjęcia")),
        *((count, "zdjęć") for count in (0, 5, 11, 12, 14, 21, 25, 112)),
    ],
)
def test_polish_counts_have_three_forms(count: int, form: str) -> None:
    assert polish(count, "zdjęcie", "zdjęcia", "zdjęć") == form
    assert f"{count} {form}\r\n" in bodies(write(addressee(photos=count, locale="pl")))[0]


def test_english_counts_have_two_forms() -> None:
    assert "1 photo\r\n" in bodies(write(addressee(photos=1)))[0]
    assert "2 photos\r\n" in bodies(write(addressee(photos=2)))[0]


@pytest.mark.parametrize(
    ("locale", "count", "subject"),
    [
        ("en", 1, "Your link to “Klasa 3b”"),
        ("en", 2, "Your links to “Klasa 3b”"),
        ("pl", 1, "Twój link do galerii „Klasa 3b”"),
        ("pl", 5, "Twoje linki do galerii „Klasa 3b”"),
    ],
)
def test_a_mail_of_links_lists_the_link_of_each_order(locale: str, count: int, subject: str) -> None:
    orders = [addressee(number=number, locale=locale) for number in range(1, count + 1)]
    letter = write(*orders, email="anna@example.com")

    assert read(letter)["Subject"] == subject
    for order in orders:
        url = client_url(PUBLIC_URL, SECRET, order.order_id, rotation=2)
        assert all(url in body and f"#{order.number}" in body for body in bodies(letter))


def test_a_mail_of_links_says_nothing_that_whoever_asked_for_it_could_have_written() -> None:
    letter = write(addressee(name="Buy at evil.example"), email="victim@example.com")

    assert b"evil" not in letter.content
    assert read(letter)["To"] == "victim@example.com"


@pytest.mark.parametrize(
    "name",
    ["Anna\r\nBcc: everybody@example.com", "Anna\nX-Evil: yes", "Anna\u2028Bcc: a@example.com", "Anna\x00\x1b[31m"],
)
def test_no_name_adds_a_header(name: str) -> None:
    letter = write(addressee(name=name), head=letterhead(gallery=name, studio=name))

    expected = {"From", "Reply-To", "To", "Message-ID", "Date", "Auto-Submitted", "Subject", "Content-Language"}
    assert set(read(letter).keys()) == expected | {"MIME-Version", "Content-Type"}
    assert [address.addr_spec for address in read(letter)["To"].addresses] == ["anna@example.com"]


@settings(deadline=None)
@given(name=st.text(min_size=1, max_size=200) | st.text("aąż \",<>@;:\\=?.()[]'", min_size=1, max_size=120))
def test_every_name_arrives_as_it_was_written(name: str) -> None:
    line = one_line(name)
    shown = line if len(line) <= LONGEST_NAME else f"{line[: LONGEST_NAME - 1]}…"
    letter = write(addressee(name=name), head=letterhead(gallery=name, studio="Studio"))

    assert read(letter)["Subject"] == f"Your photos from “{shown}” are ready"
    assert [address.addr_spec for address in read(letter)["To"].addresses] == ["anna@example.com"]
    assert max(map(len, letter.content.split(b"\r\n"))) <= 998
    assert letter.content.isascii()
    if not shown.isascii():
        assert header(letter, "To") == f"{shown} <anna@example.com>".lstrip()


def test_names_cannot_bring_markup_into_the_mail() -> None:
    name = '<script>alert(1)</script> & "co"'
    letter = write(addressee(name=name), head=letterhead(gallery=name, studio=name))
    text, html = bodies(letter)

    assert "<script>" not in html
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp;" in html
    assert f"Hello {name}," in text


def test_names_cannot_turn_the_text_around_them() -> None:
    text, _ = bodies(write(addressee(name="Anna \u202eevil\u202c نور")))

    assert "Hello Anna evil نور," in text


def test_a_domain_with_other_letters_is_written_to_in_ascii() -> None:
    letter = write(addressee(email="anna@żółw.example.pl"))

    assert (letter.recipient, letter.utf8) == ("anna@xn--w-uga1v8h.example.pl", False)
    assert b"To: Anna Nowak <anna@xn--w-uga1v8h.example.pl>\r\n" in letter.content


def test_letters_before_the_at_sign_need_a_server_that_knows_them() -> None:
    letter = write(addressee(email="żaneta@example.com", name="Żaneta"))

    assert (letter.recipient, letter.utf8) == ("żaneta@example.com", True)
    assert "To: Żaneta <żaneta@example.com>\r\n".encode() in letter.content


def test_an_address_that_nobody_can_write_to_is_an_error_and_says_so() -> None:
    with pytest.raises(ValueError, match="@-sign"):
        write(addressee(email="nobody"))
