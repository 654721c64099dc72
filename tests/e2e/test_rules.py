"""S1 to S7: the rules that the product exists for, each from end to end over HTTP with five service processes."""

import asyncio
import unicodedata
from typing import Any

import pytest

from tests.e2e.people import GalleryDesk, Photographer, World, final
from tests.waiting import eventually

POLICIES = ["none", "ordered_and_paid", "anyone"]
LIVES = {
    "placed": [],
    "paid": ["mark-paid"],
    "refunded": ["mark-paid", "refund"],
    "cancelled": ["cancel"],
    "paid and cancelled": ["mark-paid", "cancel"],
}
"""What an order may go through."""


async def test_s1_uploading_a_final_never_changes_a_proof(photographer: Photographer) -> None:
    desk = await photographer.open_gallery()
    await desk.add_photos("IMG_1.jpg", "IMG_2.jpg")
    before = await desk.do("GET", "/photos")
    large = (await photographer.world.call("GET", before["items"][0]["previews"]["large"])).body

    await desk.add_finals("IMG_1.jpg")
    await desk.upload("transfers", {"IMG_1.jpg": final("IMG_1.jpg", retouch=2), "IMG_3.jpg": final("IMG_3.jpg")})

    after = await desk.do("GET", "/photos")
    assert after == before
    assert (await photographer.world.call("GET", after["items"][0]["previews"]["large"])).body == large
    finals = (await desk.do("GET", "/transfers"))["items"]
    assert [(each["filename"], each["version"]) for each in finals] == [("IMG_1.jpg", 2), ("IMG_3.jpg", 1)]


@pytest.mark.parametrize(
    ("ordered", "uploaded"),
    [
        ("IMG_0001.JPG", "img_0001.jpg"),
        ("IMG_0001.jpg", "IMG_0001.png"),
        ("IMG_0001.jpg", "retouched/class 3b/IMG_0001.jpg"),
        (unicodedata.normalize("NFD", "Żółć 1.jpg"), unicodedata.normalize("NFC", "ŻÓŁĆ 1.JPG")),
    ],
    ids=["case", "extension", "folder", "Unicode form"],
)
async def test_s2_a_final_belongs_to_the_photo_of_the_same_name(
    photographer: Photographer, ordered: str, uploaded: str
) -> None:
    desk = await photographer.open_gallery()
    photos = await desk.add_photos(ordered, "other.jpg")
    order = await desk.order(photos[ordered])
    await order.act("mark-paid")
    transfers = await desk.upload("transfers", {uploaded: final(uploaded), "other.jpg": final("other.jpg")})

    await order.until(ready=True)
    downloads = (await order.downloads())["downloads"]
    assert [each["transfer_id"] for each in downloads] == [transfers[0]["transfer_id"]]
    matched = (await desk.do("GET", "/transfers?matched=true"))["items"]
    assert {each["id"]: each["photo_id"] for each in matched}[transfers[0]["transfer_id"]] == photos[ordered]


@pytest.mark.parametrize("policy", POLICIES)
@pytest.mark.parametrize("state", LIVES)
async def test_s3_who_may_download(photographer: Photographer, policy: str, state: str) -> None:
    desk = await photographer.open_gallery(download_policy="ordered_and_paid")
    photos = await desk.add_photos("a.jpg", "b.jpg", "c.jpg")
    finals = await desk.add_finals("a.jpg", "c.jpg")
    order = await desk.order(photos["a.jpg"], photos["b.jpg"])
    for action in LIVES[state]:
        await order.act(action)
        if action == "mark-paid":
            await eventually(lambda: has_downloads(order.downloads))
    await desk.do("PATCH", json={"download_policy": policy})
    allowed = {
        "none": set(),
        "ordered_and_paid": {finals["a.jpg"]} if state == "paid" else set(),
        "anyone": set(finals.values()),
    }[policy]

    shown = await order.downloads()
    assert {each["transfer_id"] for each in shown["downloads"]} == allowed
    assert bool(shown["reason"]) == (not allowed)
    link = (await order.read())["client_url"]
    await check_link(photographer.world, link, finals, allowed)
    await check_link(photographer.world, f"/g/{desk.public_token}", finals, allowed if policy == "anyone" else set())


async def check_link(world: World, link: str, finals: dict[str, str], allowed: set[str]) -> None:
    """A link gives the allowed files, one by one and as a ZIP, and no others."""
    for transfer_id in finals.values():
        answer = await world.call("GET", f"{link}/files/{transfer_id}")
        assert answer.status == (302 if transfer_id in allowed else 403)
    archive = await world.call("GET", f"{link}/photos.zip")
    assert archive.status == (200 if allowed else 403)


async def test_s4_an_order_becomes_paid_by_hand(photographer: Photographer) -> None:
    desk = await photographer.open_gallery()
    photos = await desk.add_photos("a.jpg")
    orders = [await desk.order(photos["a.jpg"]) for _ in range(3)]

    assert (await orders[0].act("mark-paid"))["status"] == "paid"
    assert (await orders[0].act("mark-paid"))["status"] == "paid"
    bulk = await desk.do("POST", "/orders/mark-paid", json={"order_ids": [order.id for order in orders]})
    assert [item["status"] for item in bulk["items"]] == ["paid"] * 3
    assert [step["what"] for step in (await orders[0].read())["timeline"]] == ["placed", "paid"]


async def test_s5_each_order_is_mailed_once_and_a_second_press_mails_only_the_new_ones(
    photographer: Photographer,
) -> None:
    desk, photos = await ready_gallery(photographer)
    first = [await paid_order(desk, photos["a.jpg"]) for _ in range(3)]
    unpaid = await desk.order(photos["a.jpg"])
    waiting = await paid_order(desk, photos["b.jpg"], ready=False)

    assert await desk.notify() == 3
    await desk.no_mail_on_its_way()
    assert await desk.notify() == 0
    second = await paid_order(desk, photos["a.jpg"])
    assert await desk.notify() == 1
    await desk.no_mail_on_its_way()

    assert [len(await order.mails()) for order in (*first, second, unpaid, waiting)] == [1, 1, 1, 1, 0, 0]
    assert (await first[0].read())["notification"]["state"] == "sent"


async def test_s5_presses_at_the_same_moment_mail_each_client_once(photographer: Photographer) -> None:
    desk, photos = await ready_gallery(photographer)
    orders = [await paid_order(desk, photos["a.jpg"]) for _ in range(10)]

    queued = await asyncio.gather(*(desk.notify() for _ in range(5)))
    await desk.no_mail_on_its_way()

    assert sum(queued) == 10
    assert [len(await order.mails()) for order in orders] == [1] * 10


async def test_s5_the_mail_is_in_the_clients_language_and_names_the_order(photographer: Photographer) -> None:
    desk, photos = await ready_gallery(photographer, locale="pl")
    order = await paid_order(desk, photos["a.jpg"])
    await desk.notify()
    await desk.no_mail_on_its_way()

    (mail,) = await order.mails()
    assert "Anna Nowak" in mail["text"]
    assert "zdjęci" in mail["text"]
    assert f"#{(await order.read())['number']}" in mail["text"] + mail["subject"]


async def test_s6_the_personal_link_gives_exactly_the_ordered_and_finished_files(photographer: Photographer) -> None:
    desk = await photographer.open_gallery()
    names = ["a.jpg", "b.jpg", "c.jpg"]
    photos = await desk.add_photos(*names)
    order = await paid_order(desk, photos["a.jpg"], photos["b.jpg"], ready=False)
    await desk.add_finals(*names)
    await order.until(ready=True)
    await desk.notify()

    page = await order.downloads(await order.link())

    files = {each["filename"]: (await order.fetch(each["url"])).body for each in page["downloads"]}
    assert files == {"a.jpg": final("a.jpg"), "b.jpg": final("b.jpg")}
    assert await order.unzip(page["zip_url"]) == files


async def test_s6_the_public_link_is_refused_where_only_the_personal_link_may_enter(photographer: Photographer) -> None:
    desk, photos = await ready_gallery(photographer)
    order = await paid_order(desk, photos["a.jpg"])
    world, token = photographer.world, desk.public_token
    transfer_id = (await order.downloads())["downloads"][0]["transfer_id"]

    assert (await world.call("GET", f"/api/v1/c/{token}")).status == 404
    assert (await world.call("GET", f"/c/{token}/photos.zip")).status == 404
    assert (await world.call("GET", f"/c/{token}/files/{transfer_id}")).status == 404
    assert (await world.call("GET", f"/api/v1/g/{token}/downloads")).status == 403
    assert (await world.call("GET", f"/g/{token}/files/{transfer_id}")).status == 403
    assert (await world.call("GET", f"/g/{token}/photos.zip")).status == 403


async def test_s6_the_answer_to_an_order_holds_no_personal_link(photographer: Photographer) -> None:
    desk = await photographer.open_gallery()
    photos = await desk.add_photos("a.jpg")
    body = {"client": {"name": "Jan", "email": "jan@example.com"}, "photo_ids": list(photos.values())}
    answer = await photographer.world.call("POST", f"/api/v1/g/{desk.public_token}/orders", json=body)
    status = await photographer.world.call("GET", answer.json["status_url"])

    assert answer.status == 201
    assert b"/c/" not in answer.body + status.body


async def test_s7_the_photographer_finds_each_clients_personal_link_on_the_order(photographer: Photographer) -> None:
    desk, photos = await ready_gallery(photographer)
    order = await paid_order(desk, photos["a.jpg"])
    await desk.notify()

    shown = (await order.read())["client_url"]
    listed = (await desk.do("GET", "/orders"))["items"][0]["client_url"]
    assert shown == listed == await order.link()


async def test_s7_a_new_link_makes_the_old_one_useless(photographer: Photographer) -> None:
    desk, photos = await ready_gallery(photographer)
    order = await paid_order(desk, photos["a.jpg"])
    old = (await order.read())["client_url"]
    new = (await order.act("rotate-link"))["client_url"]
    transfer_id = (await order.downloads(new))["downloads"][0]["transfer_id"]

    assert new != old
    for path in ("", "/photos.zip", f"/files/{transfer_id}"):
        assert (await photographer.world.call("GET", f"{old}{path}")).status == 410
        assert (await photographer.world.call("GET", f"{new}{path}")).status in (200, 302, 303)


async def test_a_replaced_final_reaches_the_client_and_mails_nobody_until_asked(photographer: Photographer) -> None:
    desk, photos = await ready_gallery(photographer)
    order = await paid_order(desk, photos["a.jpg"])
    await desk.notify()
    await order.link()
    better = final("a.jpg", retouch=2)
    await desk.upload("transfers", {"A.JPG": better})

    async def replaced() -> bool:
        return "replaced" in [step["what"] for step in (await order.read())["timeline"]]

    await eventually(replaced)
    page = await order.downloads()
    assert (await order.fetch(page["downloads"][0]["url"])).body == better
    assert await desk.notify() == 0
    assert len(await order.mails()) == 1

    assert (await photographer.call("POST", f"/orders/{order.id}/notification")).status == 202
    await eventually(lambda: has_mails(order.mails, 2))


async def test_the_timeline_is_proof_of_delivery(photographer: Photographer) -> None:
    desk, photos = await ready_gallery(photographer)
    order = await paid_order(desk, photos["a.jpg"])
    await desk.notify()
    await order.link()
    await order.fetch((await order.downloads())["downloads"][0]["url"])

    async def whole() -> bool:
        steps = [step["what"] for step in (await order.read())["timeline"]]
        return steps == ["placed", "paid", "ready", "notified", "downloaded"]

    await eventually(whole)


async def ready_gallery(photographer: Photographer, **settings: Any) -> tuple[GalleryDesk, dict[str, str]]:
    """A gallery with the photos a and b, of which a is finished."""
    desk = await photographer.open_gallery(**settings)
    photos = await desk.add_photos("a.jpg", "b.jpg")
    await desk.add_finals("a.jpg")
    return desk, photos


async def paid_order(desk: GalleryDesk, *photo_ids: str, ready: bool = True) -> Any:
    """An order that is paid, and ready when its files are here."""
    order = await desk.order(*photo_ids)
    await order.act("mark-paid")
    if ready:
        await order.until(ready=True)
    return order


async def has_downloads(downloads: Any) -> bool:
    return bool((await downloads())["downloads"])


async def has_mails(mails: Any, count: int) -> bool:
    return len(await mails()) == count
