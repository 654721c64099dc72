"""Transfers and orders: what is proposed, why, and how sure it is."""

from datetime import date
from uuid import uuid4

import pytest

from services.gateway.bank.matching import Unpaid, propose
from services.gateway.bank.statement import Line
from services.gateway.bank.text import folded

PRICE = 1250


def order(number: int, name: str, amount: int = PRICE) -> Unpaid:
    return Unpaid(uuid4(), number, name, "a@example.com", amount)


def line(text: str, amount: int = PRICE) -> Line:
    return Line(1, date(2026, 6, 15), amount, text, folded(text), b"")


SCHOOL = [
    order(3, "Anna Nowak"),
    order(7, "Łukasz Żak"),
    order(8, "Jürgen Müller"),
    order(12, "Ola"),
    order(13, "Ala Kot", 9900),
]


def proposed(*lines: Line, orders: list[Unpaid] = SCHOOL) -> list[tuple[int, str, str] | None]:
    """Number of the order, reason, confidence, for each line."""
    found = propose(lines, orders)
    return [
        (its.order.number, its.reason, its.confidence) if (its := found.get(index)) else None
        for index in range(len(lines))
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Zamówienie 7", (7, "number", "high")),
        ("zam. nr 7", (7, "number", "high")),
        ("ORDER #7, thank you", (7, "number", "high")),
        ("Bestellung Nr. 7", (7, "number", "high")),
        ("#12", (12, "number", "high")),
        ("zamówienie 7 · 12 1020 5558 1111", (7, "number", "high")),
        ("zamówienie 7 Nowak Anna", (7, "number", "medium")),
        ("Szkoła nr 7", (7, "number", "medium")),
        ("Szkoła nr 7, Anna Nowak", (3, "name", "high")),
        ("NOWAK ANNA ul. Długa 5", (3, "name", "high")),
        ("lukasz zak", (7, "name", "high")),
        ("Mueller Juergen", (8, "name", "high")),
        ("zamówienie 3 od Anna Nowak", (3, "number", "high")),
        ("Anna Nowakowska", None),
        ("Ola", None),
        ("nr 7 1020 5558", None),
        ("15-7-2026", None),
        ("zamówienie 99", None),
        ("zamówienie 13", None),
        ("", None),
    ],
)
def test_the_text_says_whose_it_is(text: str, expected: tuple[int, str, str] | None) -> None:
    assert proposed(line(text)) == [expected]


def test_no_other_amount_is_ever_proposed() -> None:
    assert proposed(line("zamówienie 7 Łukasz Żak", PRICE + 1), line("Anna Nowak", 1)) == [None, None]


def test_an_amount_alone_is_proposed_when_one_order_and_one_transfer_have_it() -> None:
    assert proposed(line("thanks", 9900)) == [(13, "amount", "low")]
    assert proposed(line("thanks", 9900), line("hello", 9900)) == [None, None]
    assert proposed(line("Ala Kot", 9900), line("hello", 9900)) == [(13, "name", "high"), None]
    assert proposed(line("thanks")) == [None]


@pytest.mark.parametrize("text", ["Order 3 Anna", "zamowienie nr 44", "#3"])
def test_a_text_that_names_another_order_is_not_matched_by_its_amount_alone(text: str) -> None:
    assert proposed(line(text, 9900)) == [None]


def test_what_is_left_over_is_found_by_its_amount() -> None:
    orders = SCHOOL[:2]
    assert proposed(line("Anna Nowak"), line("thanks"), orders=orders) == [(3, "name", "high"), (7, "amount", "low")]


def test_each_order_is_proposed_once_and_the_surest_line_has_it() -> None:
    found = proposed(line("Szkoła nr 7"), line("Łukasz Żak"), line("zamówienie 7"), line("zamówienie 7"))
    assert found == [None, None, (7, "number", "high"), None]


def test_two_orders_of_one_client_are_proposed_one_by_one_and_not_as_sure() -> None:
    orders = [order(1, "Anna Nowak"), order(2, "Anna Nowak")]
    found = proposed(line("Anna Nowak"), line("Nowak Anna"), line("Anna Nowak"), orders=orders)
    assert found == [(1, "name", "medium"), (2, "name", "medium"), None]
    assert proposed(line("Anna Nowak zamówienie 2"), orders=orders) == [(2, "number", "high")]
