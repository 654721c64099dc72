"""Galleries of a studio."""

from tests.gateway.client import StudioClient
from tests.gateway.ordering import order_to_place
from tests.gateway.running import RunningGateway


async def test_galleries_come_in_pages_newest_first(studio: StudioClient) -> None:
    made = [(await studio.open_gallery())["id"] for _ in range(3)]
    first = (await studio.get("/api/v1/galleries?limit=2")).expect(200)
    last = (await studio.get(f"/api/v1/galleries?limit=2&cursor={first['next']}")).expect(200)
    assert [item["id"] for item in first["items"] + last["items"]] == made[::-1]
    assert last["next"] is None


async def test_the_currency_is_the_studios_to_change_until_somebody_orders(
    gateway: RunningGateway, studio: StudioClient
) -> None:
    placing = await order_to_place(gateway, studio)
    gallery = f"/api/v1/galleries/{(await studio.get('/api/v1/galleries')).expect(200)['items'][0]['id']}"
    assert (await studio.patch(gallery, {"currency": "EUR"})).expect(200)["currency"] == "EUR"

    (await studio.post(*placing)).expect(201)
    refused = (await studio.patch(gallery, {"currency": "PLN", "welcome": "Hello"})).expect(409)
    message = "There are orders in EUR here; keep it, or open another gallery with the other currency."
    assert refused["errors"] == [{"field": "currency", "message": message}]
    kept = (await studio.get(gallery)).expect(200)
    assert (kept["currency"], kept["welcome"]) == ("EUR", "")
    assert (await studio.patch(gallery, {"currency": "EUR", "welcome": "Hello"})).expect(200)["welcome"] == "Hello"
