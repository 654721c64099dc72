"""Galleries of a studio."""

from datetime import timedelta

from contracts.base import utc_now
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


async def test_a_gallery_is_kept_long_enough_for_its_clients_to_be_told(studio: StudioClient) -> None:
    def days(number: float) -> dict[str, str]:
        return {"keep_until": (utc_now() + timedelta(days=number)).isoformat()}

    too_soon = {"name": "Class 3b", "currency": "PLN", "price_per_photo": 1250, **days(7)}
    refused = (await studio.post("/api/v1/galleries", too_soon)).expect(422)
    message = "Keep the gallery for at least 8 days from now: clients are told a week before."
    assert refused["errors"] == [{"field": "keep_until", "message": message}]
    gallery = f"/api/v1/galleries/{(await studio.open_gallery(**days(20)))['id']}"

    (await studio.patch(gallery, days(7))).expect(422)
    near = (await studio.patch(gallery, days(8.01))).expect(200)["keep_until"]
    assert (await studio.patch(gallery, {"keep_until": near, "welcome": "Hello"})).expect(200)["welcome"] == "Hello"
    assert (await studio.patch(gallery, {"keep_until": None})).expect(200)["keep_until"] is None


async def test_dates_are_answered_in_utc_and_nothing_is_kept_for_longer_than_ten_years(studio: StudioClient) -> None:
    gallery = f"/api/v1/galleries/{(await studio.open_gallery())['id']}"
    year = utc_now().year + 1
    dates = {"keep_until": f"{year}-01-31T00:00:00+14:00", "order_deadline": f"{year}-01-01T01:30:00+01:00"}
    in_utc = {"keep_until": f"{year}-01-30T10:00:00Z", "order_deadline": f"{year}-01-01T00:30:00Z"}
    assert (await studio.patch(gallery, dates)).expect(200).items() >= in_utc.items()
    assert (await studio.get(gallery)).expect(200).items() >= in_utc.items()

    late = (await studio.patch(gallery, {"keep_until": f"{year + 10}-01-01T00:00:00Z"})).expect(422)
    message = "Keep the gallery for at most 10 years from now, or leave the date out."
    assert late["errors"] == [{"field": "keep_until", "message": message}]
