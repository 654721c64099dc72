"""What arrives in upload slots, from the request for a slot to what the photographer and the client see of it."""

import unicodedata

from deploy.local.drawing import draw
from tests.e2e.people import Photographer, final, proof
from tests.transfers import bad_files

GOOD = proof("good.jpg")
BAD = {
    "cut off.jpg": GOOD[: len(GOOD) // 2],
    "text.jpg": b"Just some text",
    "archive.jpg": bad_files.zip_archive(),
    "animation.jpg": bad_files.gif(),
    "raw.jpg": bad_files.nef(),
    "bomb.png": bad_files.png(50_000, 50_000),
    "telephone.heic": bad_files.HEIC,
}
NAMES = [
    "żółw 😀👩‍👩‍👧.jpg",
    "../../etc/passwd.jpg",
    "C:\\photos\\IMG_1.jpg",
    "\u202egpj.exe\u202c תמונה.jpg",
    unicodedata.normalize("NFD", "Żaneta.jpg"),
    "a" * 196 + ".jpg",
    'IMG "2" <b>&%41;.jpg',
]


async def test_each_bad_file_is_told_its_own_reason_and_the_good_one_beside_it_is_stored(
    photographer: Photographer,
) -> None:
    desk = await photographer.open_gallery()
    *bad, good = await desk.upload("photos", {**BAD, "good.jpg": GOOD})
    short, never = await desk.slots("photos", {"short.jpg": GOOD, "never sent.jpg": GOOD})
    await desk.put(short, GOOD[:-100])
    bad += await desk.complete(short, never)

    assert {each["status"] for each in bad} == {"rejected"}
    reasons = {each["reason"] for each in bad}
    assert len(reasons) == len(bad)
    assert all(reason.endswith(".") for reason in reasons)
    assert good["status"] == "stored"
    assert [each["filename"] for each in (await desk.do("GET", "/photos"))["items"]] == ["good.jpg"]


async def test_an_avif_is_a_photo_like_any_other(photographer: Photographer) -> None:
    content = bytes(draw("IMG_1.avif", 640, 480).heifsave_buffer(compression="av1", effort=0))
    desk = await photographer.open_gallery()
    [photo], [finished] = [await desk.upload(tab, {"IMG_1.avif": content}) for tab in ("photos", "transfers")]
    order = await desk.order(photo["photo_id"])
    await order.act("mark-paid")
    await order.until(ready=True)

    [download] = (await order.downloads())["downloads"]
    file = await order.fetch(download["url"])
    assert (download["transfer_id"], file.body) == (finished["transfer_id"], content)
    assert file.headers["Content-Type"] == "image/avif"


async def test_odd_names_go_all_the_way_from_the_proof_to_the_clients_disk(photographer: Photographer) -> None:
    desk = await photographer.open_gallery()
    photos, finals = await desk.add_photos(*NAMES), await desk.add_finals(*NAMES)
    order = await desk.order(*photos.values())
    await order.act("mark-paid")
    await order.until(ready=True)

    assert sorted(line["filename"] for line in (await order.read())["lines"]) == sorted(NAMES)
    page = await order.downloads()
    assert {each["transfer_id"] for each in page["downloads"]} == set(finals.values())
    unpacked = await order.unzip(page["zip_url"])
    assert sorted(unpacked.values()) == sorted(map(final, NAMES))
    assert set(unpacked) == {each["filename"] for each in page["downloads"]}
    assert not [name for name in unpacked if set(name) & set('/\\<>:"|?*') or name.startswith(".")]


async def test_a_slot_that_is_used_twice_keeps_what_came_first(photographer: Photographer) -> None:
    desk = await photographer.open_gallery()
    [slot] = await desk.slots("transfers", {"a.jpg": GOOD})
    await desk.put(slot, GOOD)
    first = await desk.complete(slot)
    await desk.put(slot, final("a.jpg"))

    assert await desk.complete(slot) == first
    [stored] = (await desk.do("GET", "/transfers"))["items"]
    assert (stored["version"], stored["size"]) == (1, len(GOOD))


async def test_a_slot_fills_its_own_gallery_and_no_other(photographer: Photographer) -> None:
    desk, other = [await photographer.open_gallery() for _ in range(2)]
    [slot], [another] = [await each.slots("photos", {"a.jpg": GOOD}) for each in (desk, other)]
    bent = {**slot, "url": slot["url"].replace(slot["upload_id"], another["upload_id"])}
    assert (await desk.put(bent, GOOD)).status == 403

    await desk.put(slot, GOOD)
    await other.complete(slot)
    assert [(await each.do("GET"))["counts"]["photos"] for each in (desk, other)] == [1, 0]
