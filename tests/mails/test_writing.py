"""What mails say, and what can never be in one."""

import re

import pytest

from mails.writing import Kind, write
from tests.mails.writing import GALLERY, PERSONAL, RESET, facts, order_facts

EVERY = pytest.mark.parametrize("kind", list(Kind))
TO_PHOTOGRAPHERS = (Kind.ENDS_14, Kind.ENDS_3, Kind.RESET)
TO_CLIENTS = pytest.mark.parametrize("kind", [kind for kind in Kind if kind not in TO_PHOTOGRAPHERS])
ABOUT_GALLERIES = pytest.mark.parametrize("kind", [kind for kind in Kind if kind is not Kind.RESET])
BOTH = pytest.mark.parametrize("locale", ["en", "pl"])


@pytest.mark.parametrize(
    ("locale", "subject", "words"),
    [
        (
            "en",
            "Your order #7 from “Klasa 3b” is not paid yet",
            ["6 photos, 72.00 PLN", "How to pay:", "See your order:", "you can ignore this mail"],
        ),
        (
            "pl",
            "Zamówienie #7 z galerii „Klasa 3b” nie jest jeszcze opłacone",
            ["6 zdjęć, 72,00\u00a0zł", "Jak zapłacić:", "Zobacz zamówienie:", "możesz zignorować ten e-mail"],
        ),
    ],
)
def test_who_has_not_paid_reads_how_much_and_how(locale: str, subject: str, words: list[str]) -> None:
    written = write(Kind.UNPAID, locale, facts())

    assert written.subject == subject
    assert all(it in written.text for it in [*words, "Konto 12 3456 7890 1234 5678 9012 3456\nTytuł: numer zamówienia"])
    assert "Konto 12 3456 7890 1234 5678 9012 3456<br>Tytuł: numer zamówienia" in written.html


@pytest.mark.parametrize(("locale", "ask"), [("en", "To learn how to pay, reply"), ("pl", "jak zapłacić, odpowiedz")])
def test_where_nobody_has_said_how_to_pay_the_studio_is_asked(locale: str, ask: str) -> None:
    written = write(Kind.UNPAID, locale, facts(payment_instructions=" \n"))

    assert ask in written.text
    assert ask in written.html


@pytest.mark.parametrize(
    ("locale", "subject", "ignore"),
    [
        ("en", "Your photos from “Klasa 3b” are waiting for you", "Do you have the photos already?"),
        ("pl", "Twoje zdjęcia z galerii „Klasa 3b” czekają na pobranie", "Masz już swoje zdjęcia?"),
    ],
)
def test_who_has_not_downloaded_reads_where_the_photos_are(locale: str, subject: str, ignore: str) -> None:
    written = write(Kind.NOT_DOWNLOADED, locale, facts())

    assert written.subject == subject
    assert all(it in written.text and it in written.html for it in (PERSONAL, ignore))


@pytest.mark.parametrize(
    ("locale", "subject", "words"),
    [
        (
            "en",
            "Download your photos from “Klasa 3b” by 14 Jun 2026, 20:00",
            ["is deleted on 14 Jun 2026, 20:00", "You have not downloaded all of them yet."],
        ),
        (
            "pl",
            "Pobierz zdjęcia z galerii „Klasa 3b” do 14 cze 2026, 20:00",
            ["zostanie usunięta 14 cze 2026, 20:00", "Nie wszystkie są już pobrane."],
        ),
    ],
)
def test_who_has_not_downloaded_all_reads_by_when_to_do_it(locale: str, subject: str, words: list[str]) -> None:
    written = write(Kind.LAST_DAYS, locale, facts())

    assert written.subject == subject
    assert all(it in written.text and it in written.html for it in (PERSONAL, *words))


@pytest.mark.parametrize("kind", [Kind.ENDS_14, Kind.ENDS_3])
@pytest.mark.parametrize(
    ("locale", "ends", "waits"),
    [
        ("en", "is deleted on 14 Jun 2026, 20:00", "2 paid orders were never mailed"),
        ("pl", "zostanie usunięta 14 cze 2026, 20:00", "2 opłacone zamówienia czekają"),
    ],
)
def test_the_photographer_reads_what_is_deleted_and_who_has_no_photos_yet(
    kind: Kind, locale: str, ends: str, waits: str
) -> None:
    all_mailed, some_wait = write(kind, locale, facts()), write(kind, locale, facts(unmailed=2))

    for body in (some_wait.text, some_wait.html):
        assert all(it in body for it in ("Anna Nowak", "Klasa 3b", ends, waits, GALLERY))
    assert ends in all_mailed.text
    assert waits.removeprefix("2 ") not in all_mailed.text + all_mailed.html


@pytest.mark.parametrize(
    ("locale", "subject", "words"),
    [
        ("en", "Set a new password for Photoferry", ["works once, until 14 Jun 2026, 21:30", "ignore this mail"]),
        ("pl", "Ustaw nowe hasło do Photoferry", ["działa raz, do 14 cze 2026, 21:30", "zignorować ten e-mail"]),
    ],
)
def test_who_has_forgotten_the_password_reads_where_to_set_a_new_one_and_nothing_that_a_studio_wrote(
    locale: str, subject: str, words: list[str]
) -> None:
    written = write(Kind.RESET, locale, facts(studio="Photoferry", gallery="evil", client="evil"))

    assert written.subject == subject
    for body in (written.text, written.html):
        assert all(it in body for it in (RESET, "studio@example.com", *words))
        assert "evil" not in body


@TO_CLIENTS
@BOTH
def test_both_bodies_say_the_same_to_the_same_person(kind: Kind, locale: str) -> None:
    written = write(kind, locale, facts())

    for it in ("#7", "Klasa 3b", "Studio Żółw", "studio@example.com", PERSONAL):
        assert it in written.text
        assert it in written.html
    assert ("Anna Nowak" in written.text) == ("Anna Nowak" in written.html) == (kind is not Kind.LINKS)
    assert f'lang="{locale}"' in written.html


@EVERY
@BOTH
def test_nothing_in_a_mail_comes_from_elsewhere(kind: Kind, locale: str) -> None:
    html = write(kind, locale, facts()).html

    assert not re.search(r"<(img|link|script|iframe|object|form|video)\b|src\s*=|url\(|@import|\son\w+=", html)
    links = set(re.findall(r'href="([^"]*)"', html))
    assert links in ({PERSONAL, "mailto:studio@example.com"}, {GALLERY}, {RESET})


@EVERY
@BOTH
def test_a_mail_has_one_button(kind: Kind, locale: str) -> None:
    assert write(kind, locale, facts()).html.count('class="button"') == 1


@BOTH
def test_several_links_are_a_list_without_a_button(locale: str) -> None:
    orders = [order_facts(number=number, url=f"{PERSONAL}{number}") for number in (7, 8)]
    html = write(Kind.LINKS, locale, facts(*orders)).html

    assert 'class="button"' not in html
    assert all(f'href="{order.url}"' in html for order in orders)


@ABOUT_GALLERIES
@BOTH
def test_what_people_wrote_stays_text(kind: Kind, locale: str) -> None:
    evil = '"><script>alert(1)</script>{{ 7 * 7 }}'
    written = write(kind, locale, facts(gallery=evil, studio=evil, client=evil, payment_instructions=f"{evil}\n{evil}"))

    assert "<script" not in written.html
    assert "{{ 7 * 7 }}" in written.html
    assert evil in written.text
    assert evil in written.subject


@EVERY
@BOTH
def test_long_names_are_cut_and_lines_stay_lines(kind: Kind, locale: str) -> None:
    long = "Wolfeschlegelsteinhausen" * 10
    written = write(kind, locale, facts(gallery=f"{long}\r\nBcc: a@example.com", client=long, studio=long))

    assert "\n" not in written.subject
    assert len(written.subject) < 200
    assert long not in written.text


@ABOUT_GALLERIES
@BOTH
def test_names_that_run_from_right_to_left_turn_nothing_around_them(kind: Kind, locale: str) -> None:
    html = write(kind, locale, facts(gallery="\u202eصور", client="נור", studio="صور 7")).html

    assert "<bdi>صور</bdi>" in html
    assert kind is Kind.LINKS or "<bdi>נור</bdi>" in html
    assert re.search(r'dir="auto"[^>]*>صور 7<', html)
    assert "\u202e" not in html
