"""Banks' files in all their habits; what is none is refused, and told what to do instead."""

import codecs
from datetime import date, timedelta
from hashlib import sha256
from io import BytesIO
from zipfile import ZipFile

import pytest

from services.gateway.bank.cells import NoAmount, amount_of, date_of
from services.gateway.bank.statement import Line, Statement, incoming
from services.gateway.errors import Problem
from tests.gateway.bank.files import ALL, MBANK, MILLENNIUM

ENCODINGS = {
    "utf-8": b"",
    "utf-8-sig": b"",
    "cp1250": b"",
    "iso8859_2": b"",
    "utf-16-le": codecs.BOM_UTF16_LE,
    "utf-16-be": codecs.BOM_UTF16_BE,
}


def statement(text: str | bytes, currency: str = "PLN") -> Statement:
    return incoming(text.encode() if isinstance(text, str) else text, currency, lambda line: sha256(line).digest())


def read(text: str | bytes, currency: str = "PLN") -> list[Line]:
    return statement(text, currency).lines


def zipped() -> bytes:
    file = BytesIO()
    with ZipFile(file, "w") as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
    return file.getvalue()


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("bank", ALL)
def test_the_one_incoming_transfer_of_each_bank_is_read(bank: str, encoding: str) -> None:
    (line,) = read(ENCODINGS[encoding] + ALL[bank].encode(encoding))
    assert (line.date, line.amount) == (date(2026, 6, 15), 1250)
    assert "ŁUKASZ ŻAK" in line.text
    assert "Zamówienie 7 zdjęcia" in line.text
    assert "zamowienie 7 zdjecia" in line.folded
    assert "12,50" not in line.text
    assert "1012" not in line.text
    assert ALL[bank].splitlines()[line.number - 1].count("zdjęcia") == 1


def test_mac_and_windows_line_ends_and_texts_over_several_lines_are_read() -> None:
    text = 'Date,Description,Amount\n2026-06-01,"one\ntwo",1.00\n2026-06-02,three,2.00\n'
    for end in ("\n", "\r\n", "\r"):
        assert [(line.number, line.text) for line in read(text.replace("\n", end))] == [(2, "one two"), (4, "three")]


GOOD = {
    "1 234,50": 123450,
    "1\u00a0234,50": 123450,
    "1\u202f234,50 zł": 123450,
    "+1800.00": 180000,
    "+12,50": 1250,
    "12,50 CR": 1250,
    "1.234,50": 123450,
    "1,234.50": 123450,
    "1'234.50": 123450,
    "1\u2019234.50": 123450,
    "1.234.567,8": 123456780,
    "1 234": 123400,
    "PLN 12": 1200,
    "'12,50 zł.": 1250,
}
WENT = [
    "-40 000,00 PLN",
    "\u221212,50",
    "\u201312,50",
    "12,50-",
    "(12,50)",
    "(12,50) PLN",
    "12,50 DR",
    "12,50 zł Wn",
    "-$12.50",
]
NO_AMOUNT = [
    *("12.505", "1.234", "1e3", "12,50 12,50", "12,50,00", "1.234.50", "1 2", "0x10", "½"),
    *("(12,50", "-12,50-", "+12,50 DR", "12,50 or so", "PLN", "9" * 60),
]
OTHER_CURRENCY = ["12.50 EUR", "€12,50", "$12,50", "12,50 Kč", "USD 12.50"]


@pytest.mark.parametrize("cell", GOOD)
def test_amounts_are_read_as_they_are_meant(cell: str) -> None:
    assert amount_of(cell, "PLN") == GOOD[cell]


@pytest.mark.parametrize("cell", WENT)
def test_money_that_went_out_is_less_than_nothing(cell: str) -> None:
    assert amount_of(cell, "PLN") < 0


@pytest.mark.parametrize(
    ("cell", "fault"),
    [*((each, "no_amount") for each in NO_AMOUNT), *((each, "other_currency") for each in OTHER_CURRENCY)],
)
def test_what_is_no_amount_of_ours_is_none(cell: str, fault: str) -> None:
    with pytest.raises(NoAmount, match=f"^{fault}$"):
        amount_of(cell, "PLN")


def test_amounts_have_as_many_digits_as_their_currency() -> None:
    assert amount_of("1,250", "JPY") == 1250
    assert (amount_of("12.505", "KWD"), amount_of("1,234.505", "KWD")) == (12505, 1234505)
    assert amount_of("$12.50", "USD") == 1250
    with pytest.raises(NoAmount, match="no_amount"):
        amount_of("1250.50", "JPY")


def test_money_that_went_out_is_proposed_in_no_form_and_what_is_no_amount_is_said() -> None:
    cells = [*WENT, *NO_AMOUNT, *OTHER_CURRENCY, "", "12,50"]
    read = statement("Data;Tytuł;Kwota\n" + "".join(f"15.06.2026;Anna;{cell}\n" for cell in cells))
    assert [(line.number, line.amount) for line in read.lines] == [(len(cells) + 1, 1250)]
    assert [(line.amount, line.fault) for line in read.unread] == [
        *((cell, "no_amount") for cell in NO_AMOUNT),
        *((cell, "other_currency") for cell in OTHER_CURRENCY),
    ]
    assert read.unread[0].number == len(WENT) + 2


def test_an_amount_without_a_header_is_the_same_column_in_every_form() -> None:
    rows = [
        f'15-06-2026,15-06-2026,"12,50",ANNA,11 1020,"{amount}","1 012,50",1,'
        for amount in ("(12,50)", "\u20133,00", "7,00 CR")
    ]
    assert [line.amount for line in read("\n".join(rows))] == [700]


@pytest.mark.parametrize(
    "cell", ["2026-06-05", "2026.06.05 12:00:01", "20260605", "5.6.2026", "05/06/26", "'05-06-2026"]
)
def test_dates_have_the_day_before_the_month(cell: str) -> None:
    assert date_of(cell) == date(2026, 6, 5)


@pytest.mark.parametrize("cell", ["", "June", "2026-13-01", "31.02.2026", "123456789", "05/06/20261"])
def test_what_is_no_date_is_none(cell: str) -> None:
    assert date_of(cell) is None


def test_a_line_whose_date_is_none_or_in_the_future_is_said() -> None:
    next_week = f"{date.today() + timedelta(days=7):%Y-%m-%d}"
    days = ["11/13/2026", "2026-02-30", next_week, "", "Saldo", "2026-06-05"]
    read = statement("Date,Description,Amount\n" + "".join(f"{day},Anna,12.50\n" for day in days))
    assert [line.number for line in read.lines] == [7]
    assert [(line.number, line.date, line.amount, line.fault) for line in read.unread] == [
        (number, None, "12.50", "no_date") for number in (2, 3, 4)
    ]


def test_a_statement_in_another_currency_has_no_transfers_of_ours() -> None:
    other = statement("Date,Payee,Amount (EUR)\n2026-06-15,Anna,12.50\n2026-06-15,Anna,-12.50\n")
    assert (other.lines, [(line.number, line.fault) for line in other.unread]) == ([], [(2, "other_currency")])
    assert len(read("Date,Payee,Amount (EUR)\n2026-06-15,Anna,12.50\n", "EUR")) == 1


def test_a_line_has_one_fingerprint_in_every_file_and_equal_lines_have_their_own() -> None:
    first, *rows = MILLENNIUM.splitlines(keepends=True)
    (once,) = read(MILLENNIUM)
    twice = read(first + rows[0] + rows[1] + rows[0])
    assert [line.fingerprint for line in twice][:1] == [once.fingerprint]
    assert len({line.fingerprint for line in twice}) == 2
    assert read(MILLENNIUM.encode("cp1250"))[0].fingerprint == once.fingerprint
    assert read(MILLENNIUM.replace("2026-06-15", "2026-06-14"))[0].fingerprint != once.fingerprint


def test_a_category_that_was_changed_makes_no_other_line() -> None:
    assert read(MBANK.replace('"Wpływy"', '"Zdjęcia"'))[0].fingerprint == read(MBANK)[0].fingerprint


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "no-statement"),
        (b"Dear Sir,\nhere is the money.\n", "no-statement"),
        (b"<html><table><tr><td>Data</td><td>Kwota</td></tr></table></html>", "no-statement"),
        (b'Date,Amount\n"' + b"x" * 200_000, "line-too-long"),
        (b'Date,Amount\n"' + (b"x" * 50_000 + b"\n") * 5, "broken-csv"),
        (b"Date,Amount\n2026-06-15," + b"x" * 5_000_000, "line-too-long"),
        (b"Date;Amount\n" + b";" * 5_000_000, "line-too-long"),
        (b";" * 5_000_000, "no-statement"),
        (b'Date,Amount,Text\n2026-06-15,12.50,"x\n2026-06-15,1.00,y\n', "broken-csv"),
        (b'Date,Amount,Text\n2026-06-15,12.50,"x' + b"\n2026-06-15,1.00,y" * 50 + b'"', "broken-csv"),
        (b"%PDF-1.7\n\x01\x02\x03", "no-csv"),
        (b"\xff\xd8\xff\xe0\x00\x10JFIF", "no-csv"),
        (zipped(), "no-csv"),
        (b"a;b\n" * 1_000_000, "statement-too-large"),
        (b"\r" * 100_001, "statement-too-large"),
        (b"x" * 50_000_000, "statement-too-large"),
    ],
    ids=lambda value: value if isinstance(value, str) else f"{len(value)} bytes",
)
def test_what_is_no_banks_csv_is_refused_with_advice(data: bytes, code: str) -> None:
    with pytest.raises(Problem, match="In your bank, export") as refused:
        read(data)
    assert refused.value.code == code
