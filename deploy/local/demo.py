"""`make demo`: a gallery with drawn photos and orders in every state, made over the API as anybody would."""

import asyncio
import secrets
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from cli.api import Api
from cli.uploading import Upload, files_below
from deploy.local.config import Config
from deploy.local.drawing import photo

PHOTOS = [f"IMG_{number:04}.jpg" for number in range(1, 13)]
FINISHED = PHOTOS[:6]
UNMATCHED = "IMG_0007-Edit.jpg"
PASSWORD = "photoferry demo"  # noqa: S105  # printed for whoever runs the demo
ORDERS = {
    "Anna Nowak": (PHOTOS[:3], "mailed"),
    "Olga Mazur": (PHOTOS[1:2], "mail failed"),
    "Adam Gil": (PHOTOS[:1], "perhaps mailed"),
    "Jan Kowalski": (PHOTOS[2:5], "ready, not mailed"),
    "Ewa Zając": (PHOTOS[5:8], "paid, waiting for files"),
    "Piotr Wójcik": (PHOTOS[:2], "unpaid"),
    "Maria Lis": (PHOTOS[3:4], "cancelled"),
    "Tomasz Żak": (PHOTOS[4:6], "refunded"),
}
MAILED = {"mailed": "", "mail failed": "reject-550.", "perhaps mailed": "hangup."}
"""Beginnings of the addresses for which the mail catcher does so."""


async def demo(config: Config) -> None:
    """Fill a running Photoferry and print where to look."""
    email = f"demo-{secrets.token_hex(3)}@example.com"
    async with Api(config.public_url) as visitor:
        account = {"name": "Studio Demo", "email": email, "password": PASSWORD}
        await visitor.call("POST", "/studios", account)
        await visitor.call("POST", "/sessions", {"email": email, "password": PASSWORD})
        token = (await visitor.call("POST", "/tokens", {"name": "demo"}))["token"]
    async with Api(config.public_url, token) as api:
        gallery = await _gallery(api)
        orders = await _orders(api, gallery)
    _report(config, email, token, gallery, orders)


async def _gallery(api: Api) -> Any:
    settings = {
        "name": "Klasa 3b, wiosna",
        "currency": "PLN",
        "price_per_photo": 1250,
        "bundles": [{"photos": 5, "price": 5000}],
        "welcome": "Wybierz ulubione zdjęcia. Retusz jest w cenie.",
        "watermark": "Studio Demo",
        "payment_instructions": "Przelew na konto 11 2222 3333, w tytule numer zamówienia.",
        "locale": "pl",
    }
    gallery = await api.call("POST", "/galleries", settings)
    await _upload(api, gallery["id"], "photos", PHOTOS, width=1800)
    await _upload(api, gallery["id"], "transfers", [*FINISHED, UNMATCHED], width=2400)
    return gallery


async def _upload(api: Api, gallery_id: str, tab: str, names: list[str], *, width: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        for number, name in enumerate(names):
            upright = number % 4 == 3
            size = (width * 2 // 3, width) if upright else (width, width * 2 // 3)
            await asyncio.to_thread((Path(folder) / name).write_bytes, photo(name, *size))
        report = await Upload(api, gallery_id, tab, lambda _: None).run(files_below([Path(folder)]))
        print(f"{tab}: {len(report.stored)} uploaded", *report.failed.values(), flush=True)


async def _orders(api: Api, gallery: Any) -> dict[str, Any]:
    ids = {item["filename"]: item["id"] async for item in api.pages(f"/galleries/{gallery['id']}/photos")}
    orders = {}
    for name, (wanted, state) in ORDERS.items():
        address = f"{MAILED.get(state, '')}{name.split()[0].lower()}@example.com"
        client = {"name": name, "email": address, "locale": "pl"}
        body = {"client": client, "photo_ids": [ids[each] for each in wanted]}
        placed = await api.call("POST", f"/g/{gallery['public_url'].rsplit('/', 1)[1]}/orders", body)
        orders[name] = await _bring_to(api, gallery["id"], placed["id"], state)
    return orders


async def _bring_to(api: Api, gallery_id: str, order_id: str, state: str) -> Any:
    if state != "unpaid":
        await api.call("POST", f"/orders/{order_id}/mark-paid")
    if state in ("cancelled", "refunded"):
        await api.call("POST", f"/orders/{order_id}/{'cancel' if state == 'cancelled' else 'refund'}")
    if state in MAILED:
        await _until(api, order_id, lambda order: order["ready"])
        await api.call("POST", f"/galleries/{gallery_id}/notifications")
        await _until(api, order_id, lambda order: order["notification"]["state"] in ("sent", "failed", "unknown"))
    return await api.call("GET", f"/orders/{order_id}")


async def _until(api: Api, order_id: str, holds: Callable[[Any], bool]) -> None:
    """Other processes bring it about."""
    while not holds(await api.call("GET", f"/orders/{order_id}")):  # noqa: ASYNC110
        await asyncio.sleep(0.1)


def _report(config: Config, email: str, token: str, gallery: Any, orders: dict[str, Any]) -> None:
    print(f"\nPhotographer   {config.public_url}  {email}  password: {PASSWORD}")
    print(f"API token      {token}")
    print(f"Public link    {gallery['public_url']}")
    for name, (_, state) in ORDERS.items():
        print(f"Personal link  {orders[name]['client_url']}  {name}, {state}")
