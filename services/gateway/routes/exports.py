"""Orders for other programs."""

from collections.abc import AsyncIterator
from typing import Annotated, Literal
from uuid import UUID

from asyncpg import Record
from fastapi import Query
from starlette.responses import JSONResponse, PlainTextResponse, Response, StreamingResponse

from chassis.db import Database
from chassis.disposition import attachment
from contracts import money
from contracts.base import utc_now
from contracts.names import stem
from contracts.orders import Locale
from mails.writing import Kind
from services.gateway import mail_drafts, spreadsheet
from services.gateway.errors import not_found
from services.gateway.guard import Ours, Studio, studio_router
from services.gateway.reads import exports, galleries, personal_data
from services.gateway.spreadsheet import Cell
from services.gateway.state import Gateway
from services.gateway.zip.names import safe_name

routes = studio_router("exports")

PAGE = 500
"""Orders read at once: an export holds no connection while it waits for a slow reader."""
COLUMNS: dict[Locale, tuple[str, ...]] = {
    "en": (
        "number",
        "status",
        "ready",
        "mailed at (UTC)",
        "name",
        "e-mail",
        "phone",
        "note",
        "photos",
        "file names",
        "total",
        "currency",
        "placed at (UTC)",
        "personal link",
    ),
    "pl": (
        "numer",
        "stan",
        "gotowe",
        "wysłano (UTC)",
        "imię i nazwisko",
        "e-mail",
        "telefon",
        "uwagi",
        "zdjęcia",
        "nazwy plików",
        "kwota",
        "waluta",
        "złożono (UTC)",
        "link klienta",
    ),
}
WORDS: dict[Locale, dict[str, str]] = {
    "en": {"yes": "yes", "no": "no", "orders": "orders", "erased": "erased"},
    "pl": {
        "placed": "nieopłacone",
        "paid": "opłacone",
        "refunded": "zwrócone",
        "cancelled": "anulowane",
        "yes": "tak",
        "no": "nie",
        "orders": "zamówienia",
        "erased": "usunięto",
    },
}
"""Of the cells, and of the file's name; what stands in none is as the API says it."""
SEPARATORS = {"comma": ",", "space": " ", "line": "\n"}

Form = Annotated[Literal["names", "stems"], Query(description="with or without folder and image extension")]
Separator = Annotated[Literal["comma", "space", "line"], Query()]


@routes.get("/galleries/{gallery_id}/orders.csv")
async def orders_csv(gallery_id: UUID, studio: Studio, ours: Ours) -> Response:
    """All orders of a gallery as a spreadsheet, in the studio's language."""
    settings = await galleries.settings_of(ours.db, gallery_id)
    filename = f"{settings.name.replace('/', '_')} {WORDS[studio.locale]['orders']}.csv"
    headers = {"Content-Disposition": attachment(safe_name(filename))}
    return StreamingResponse(_csv(ours, gallery_id, studio.locale), media_type="text/csv", headers=headers)


@routes.get("/orders/{order_id}/personal-data")
async def personal_data_of(order_id: UUID, _: Studio, ours: Ours) -> Response:
    """All that is held of an order's client, to be handed over to who asks for it. Subjects as such mails have now."""
    held = await personal_data.of_order(ours.db, order_id)
    if held is None:
        raise not_found("order")
    kinds = {mail["kind"] for mail in held["mails"]}
    subjects = {kind: (await mail_drafts.draft(ours, Kind(kind), order_id)).subject for kind in sorted(kinds)}
    mails = [mail | {"subject": subjects[mail["kind"]]} for mail in held["mails"]]
    headers = {"Content-Disposition": attachment(safe_name(f"{held['number']} personal data.json"))}
    return JSONResponse(held | {"mails": mails, "as_of": utc_now().isoformat()}, headers=headers)


@routes.get("/galleries/{gallery_id}/ordered-filenames")
async def ordered_filenames(
    gallery_id: UUID, _: Studio, ours: Ours, form: Form = "names", separator: Separator = "comma"
) -> Response:
    """The names of the photos on placed or paid orders, each once."""
    return PlainTextResponse(await filenames_as_text(ours.db, gallery_id, form, separator))


async def filenames_as_text(db: Database, gallery_id: UUID, form: Form, separator: Separator) -> str:
    """The names as another program's search takes them."""
    names = await exports.ordered_filenames(db, gallery_id)
    return SEPARATORS[separator].join(dict.fromkeys(map(stem, names) if form == "stems" else names))


async def _csv(ours: Gateway, gallery_id: UUID, locale: Locale) -> AsyncIterator[str]:
    yield spreadsheet.BOM + spreadsheet.lines([COLUMNS[locale]], locale)
    number = 0
    while orders := await exports.orders_after(ours.db, gallery_id, number, PAGE):
        yield spreadsheet.lines((_cells(ours, order, locale) for order in orders), locale)
        number = orders[-1]["number"]


def _cells(ours: Gateway, order: Record, locale: Locale) -> tuple[Cell, ...]:
    said = WORDS[locale]
    return (
        order["number"],
        said.get(order["status"], order["status"]),
        said["yes" if order["ready"] else "no"],
        order["sent_at"],
        said["erased"] if order["erased"] else order["name"],
        order["email"],
        order["phone"],
        order["note"],
        len(order["filenames"]),
        ", ".join(order["filenames"]),
        money.decimal(order["amount"], order["currency"]),
        order["currency"],
        order["placed_at"],
        "" if order["erased"] else ours.signer.client_url_of(order["id"], order["link_rotation"]),
    )
