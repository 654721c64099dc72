"""Orders for other programs: the spreadsheet, and names for Lightroom's or Capture One's search."""

import csv
import io

import pytest

from contracts.notifier import MailState
from contracts.orders import Client, OrderStatus
from tests.gateway.links.scene import Scene, Shoot
from tests.gateway.running import RunningGateway

FORMULAS = ("=1+1", "+1", "-2", "@SUM(A1)", "\tx", "\rx", "＝1")  # noqa: RUF001 - full width on purpose


async def _rows(shoot: Shoot, delimiter: str) -> list[dict[str, str]]:
    answer = await shoot.scene.studio.get(f"{shoot.api}/orders.csv")
    assert answer.status == 200
    text = answer.body.decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter))


async def test_the_export_shows_every_order_with_its_link(scene: Scene) -> None:
    shoot = await scene.open_gallery()
    order = await shoot.order("1.jpg", "2.jpg")
    await shoot.is_ready(order)
    await shoot.order("3.jpg", status=OrderStatus.PLACED)

    answer = await scene.studio.get(f"{shoot.api}/orders.csv")
    first, second = await _rows(shoot, ",")

    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="Class 3b orders.csv"'
    assert answer.body.startswith(b"\xef\xbb\xbfnumber,")
    assert answer.body.count(b"\r\n") == answer.body.count(b"\n") == 3
    assert first == {
        "number": "1",
        "status": "paid",
        "ready": "yes",
        "mailed at (UTC)": "",
        "name": "Anna Nowak",
        "e-mail": "anna@example.com",
        "phone": "",
        "note": "",
        "photos": "2",
        "file names": "1.jpg, 2.jpg",
        "total": "25.00",
        "currency": "PLN",
        "placed at (UTC)": f"{order.placed_at:%Y-%m-%d %H:%M:%S}",
        "personal link": f"{scene.gateway.url}/c/{await shoot.client_token(order)}",
    }
    assert (second["status"], second["ready"]) == ("placed", "no")


async def test_a_polish_studio_gets_semicolons_decimal_commas_and_polish_words(gateway: RunningGateway) -> None:
    shoot = await Scene(gateway, await gateway.studio(locale="pl")).open_gallery()
    await shoot.order("1.jpg")

    answer = await shoot.scene.studio.get(f"{shoot.api}/orders.csv")
    [row] = await _rows(shoot, ";")

    assert answer.headers["Content-Disposition"].endswith("filename*=UTF-8''Class%203b%20zam%C3%B3wienia.csv")
    assert (row["kwota"], row["imię i nazwisko"]) == ("12,50", "Anna Nowak")
    assert (row["stan"], row["gotowe"]) == ("opłacone", "nie")


@pytest.mark.parametrize("text", FORMULAS)
async def test_no_cell_is_a_formula(scene: Scene, text: str) -> None:
    shoot = await scene.open_gallery()
    await shoot.order(f"{text}.jpg", client=Client(name="Anna", email="=1@example.com", phone="+48 600", note=text))

    [row] = await _rows(shoot, ",")

    assert (row["note"], row["file names"]) == (f"'{text}", f"'{text}.jpg")
    assert (row["e-mail"], row["phone"]) == ("'=1@example.com", "'+48 600")


async def test_a_phone_keeps_its_zeros(scene: Scene) -> None:
    shoot = await scene.open_gallery()
    await shoot.order("1.jpg", client=Client(name="Anna", email="a@example.com", phone="0048600100200"))

    [row] = await _rows(shoot, ",")

    assert row["phone"] == "'0048600100200"


async def test_quotes_separators_and_lines_stay_inside_their_cell(scene: Scene) -> None:
    shoot = await scene.open_gallery()
    note = 'two\r\nlines, "quoted"; done'
    await shoot.order("1.jpg", client=Client(name="Anna", email="a@example.com", note=note))

    [row] = await _rows(shoot, ",")

    assert row["note"] == note


async def test_more_orders_than_are_read_at_once_are_all_there(scene: Scene) -> None:
    shoot = await scene.open_gallery()
    await scene.gateway.db.pool.execute(
        """INSERT INTO client_order (id, gallery_id, studio_id, number, client, email, status, amount, currency,
               link_rotation, placed_at, revision)
           SELECT gen_random_uuid(), $1, $1, n, '{}', '', 'paid', 500, 'JPY', 0, now(), 1
           FROM generate_series(1, 1001) AS n""",
        shoot.id,
    )

    rows = await _rows(shoot, ",")

    assert [int(row["number"]) for row in rows] == list(range(1, 1002))
    assert rows[0]["total"] == "500"


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ("", "IMG_1.JPG,raw/IMG_2.tiff,zażółć.v2"),
        ("?form=stems", "IMG_1,IMG_2,zażółć.v2"),
        ("?form=stems&separator=space", "IMG_1 IMG_2 zażółć.v2"),
        ("?form=names&separator=line", "IMG_1.JPG\nraw/IMG_2.tiff\nzażółć.v2"),
    ],
)
async def test_ordered_names_come_once_each_from_placed_and_paid_orders(scene: Scene, query: str, text: str) -> None:
    shoot = await scene.open_gallery()
    order = await shoot.order("IMG_1.JPG", "raw/IMG_2.tiff")
    await shoot.order(status=OrderStatus.PAID, lines=order.lines)
    await shoot.order("zażółć.v2", status=OrderStatus.PLACED)
    await shoot.becomes(await shoot.order("refunded.jpg"), OrderStatus.REFUNDED)
    await shoot.order("cancelled.jpg", status=OrderStatus.CANCELLED)

    answer = await scene.studio.get(f"{shoot.api}/ordered-filenames{query}")

    assert (answer.body.decode(), answer.headers["Content-Type"]) == (text, "text/plain; charset=utf-8")


async def test_an_unknown_form_is_refused(scene: Scene) -> None:
    shoot = await scene.open_gallery()

    refused = await scene.studio.get(f"{shoot.api}/ordered-filenames?form=ids")

    assert refused.expect(422)["errors"][0]["field"] == "form"


async def test_a_client_is_given_all_that_is_held_of_them_and_no_secret(scene: Scene) -> None:
    shoot = await scene.open_gallery(name="Class 3b")
    anna = Client(name="Anna Nowak", email="anna@example.com", phone="600100200", note="Ring twice", locale="pl")
    order = await shoot.order("1.jpg", client=anna)
    await shoot.order("1.jpg", client=anna.model_copy(update={"name": "Somebody else"}))
    await shoot.finish(order)
    await shoot.mailed(order, MailState.SENT)
    link = f"/c/{await shoot.client_token(order)}"
    assert (await scene.get(f"/api/v1{link}")).status == 200
    [file] = (await scene.get(f"/api/v1{link}")).expect(200)["downloads"]
    assert (await scene.get(file["url"])).status == 302

    answer = await scene.studio.get(f"/api/v1/orders/{order.id}/personal-data")

    held = answer.expect(200)
    assert answer.headers["Content-Disposition"] == 'attachment; filename="1 personal data.json"'
    assert held["client"] == {**anna.model_dump(), "erased": False}
    assert (held["number"], held["status"], held["lines"]) == (1, "paid", ["1.jpg"])
    assert [(mail["kind"], mail["subject"]) for mail in held["mails"]] == [
        ("ready", "Twoje zdjęcia z galerii „Class 3b” są gotowe")
    ]
    assert [step["what"] for step in held["happened"]] == ["placed", "paid", "ready", "notified", "downloaded"]
    assert [(each["filename"], each["as_zip"]) for each in held["downloads"]] == [("1.jpg", False)]
    assert b"Somebody" not in answer.body
    assert (await shoot.client_token(order)).encode() not in answer.body
