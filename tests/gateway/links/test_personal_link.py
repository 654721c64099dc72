"""The personal link: entering, the page behind it, single files, and what is recorded of all that (S6)."""

from asyncio import gather
from datetime import UTC, datetime

from contracts.gateway import PhotoDownloaded
from contracts.orders import GalleryDeleted, OrderStatus
from services.gateway.view import outdated
from tests import making
from tests.gateway.client import Answer
from tests.gateway.links.scene import Scene


def _cookie(answer: Answer) -> dict[str, str]:
    return {"Cookie": answer.headers["Set-Cookie"].partition(";")[0]}


async def test_the_link_is_exchanged_for_a_cookie_and_an_address_without_the_secret(scene: Scene) -> None:
    shoot = await scene.open_gallery()
    token = await shoot.client_token(order := await shoot.order("IMG_1.jpg"))

    entered = await scene.get(f"/c/{token}")

    assert (entered.status, entered.headers["Location"]) == (303, f"/c/order/{order.id}")
    flags = set(entered.headers["Set-Cookie"].split("; ")[1:])
    assert flags >= {"HttpOnly", "SameSite=lax", f"Path=/c/order/{order.id}"}
    assert entered.headers["Referrer-Policy"] == "no-referrer"
    assert entered.headers["Cache-Control"] == "no-store"


async def test_opened_is_recorded_when_the_page_is_shown_and_once_a_day(scene: Scene) -> None:
    shoot = await scene.open_gallery()
    token = await shoot.client_token(order := await shoot.order("IMG_1.jpg"))
    page, client = f"/c/order/{order.id}", scene.gateway.client

    cookie = _cookie(await scene.get(f"/c/{token}"))
    await client.call("HEAD", f"/c/{token}")
    await scene.get(f"/api/v1/c/{token}")
    without_cookie = await scene.get(page)
    await client.call("HEAD", page, headers=cookie)
    await scene.get(page, headers={**cookie, "HX-Request": "true"})  # a page that renews itself, in a forgotten tab
    before = await shoot.timeline(order)
    pages = await gather(*(scene.get(page, headers=cookie) for _ in range(5)))

    assert without_cookie.status == 404
    assert [shown.status for shown in pages] == [200] * 5
    assert ("opened", None) not in before
    assert (await shoot.timeline(order)).count(("opened", None)) == 1
    await scene.gateway.db.pool.execute("UPDATE timeline SET at = at - interval '1 day' WHERE what = 'opened'")
    await scene.get(page, headers=cookie)
    assert (await shoot.timeline(order)).count(("opened", None)) == 2


async def test_the_page_lists_files_that_its_cookie_opens_in_the_clients_language(scene: Scene) -> None:
    shoot = await scene.open_gallery(name="<script>3b</script>")
    polish = making.ANNA.model_copy(update={"name": "<b>Anna</b>", "locale": "pl"})
    order = await shoot.order("IMG_1.jpg", "<i>2.jpg", client=polish)
    final = await shoot.finish_line(order, "IMG_1.jpg")
    cookie = _cookie(await scene.get(f"/c/{await shoot.client_token(order)}"))

    page = await scene.get(f"/c/order/{order.id}", headers=cookie)
    file = await scene.get(f"/c/order/{order.id}/files/{final.id}", headers=cookie)
    archive = await scene.get(f"/c/order/{order.id}/photos.zip", headers=cookie)

    text = page.body.decode()
    assert 'lang="pl"' in text
    assert "Zdjęcia do pobrania" in text
    assert f'href="/c/order/{order.id}/files/{final.id}"' in text
    assert "&lt;i&gt;2.jpg" in text
    assert not {"<script>", "<b>", "<i>"} & set(text.split(">"))
    assert page.headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert (file.status, archive.status) == (302, 200)


async def test_a_cookie_opens_its_own_order_only(scene: Scene) -> None:
    shoot = await scene.open_gallery()
    hers, his = await shoot.order("IMG_1.jpg"), await shoot.order("IMG_2.jpg")
    [final] = await shoot.finish(his)
    cookie = _cookie(await scene.get(f"/c/{await shoot.client_token(hers)}"))

    for path in ("", f"/files/{final.id}", "/photos.zip"):
        assert (await scene.get(f"/c/order/{his.id}{path}", headers=cookie)).status == 404


async def test_a_replaced_link_is_gone_everywhere_and_says_so(scene: Scene) -> None:
    shoot = await scene.open_gallery()
    order = await shoot.order("IMG_1.jpg")
    [final] = await shoot.finish(order)
    old = await shoot.client_token(order)
    cookie = _cookie(await scene.get(f"/c/{old}"))
    new = await shoot.client_token(await shoot.rotate_link(order))

    paths = (f"/api/v1/c/{old}", f"/c/{old}", f"/c/{old}/files/{final.id}", f"/c/{old}/photos.zip")
    gone = [await scene.get(path) for path in paths]
    gone += [
        await scene.get(f"/c/order/{order.id}{path}", headers=cookie)
        for path in ("", f"/files/{final.id}", "/photos.zip")
    ]

    assert [answer.status for answer in gone] == [410] * 7
    assert all(answer.json["type"].endswith("link-replaced") for answer in gone)
    assert (await scene.get(f"/c/{new}/files/{final.id}")).status == 302
    assert ("link_rotated", None) in await shoot.timeline(order)


async def test_for_a_year_the_link_to_a_deleted_gallery_says_that_its_photos_were_deleted(scene: Scene) -> None:
    shoot = await scene.open_gallery()
    order = await shoot.order("IMG_1.jpg")
    [final] = await shoot.finish(order)
    tokens = [await shoot.client_token(order), await shoot.client_token(await shoot.rotate_link(order))]
    cookie = _cookie(await scene.get(f"/c/{tokens[1]}"))
    await scene.gateway.tell(GalleryDeleted(gallery_id=shoot.id, occurred_at=datetime(2026, 6, 14, 22, 30, tzinfo=UTC)))

    async def answers() -> list[Answer]:
        bases = (*(f"/c/{token}" for token in tokens), f"/c/order/{order.id}")
        paths = [f"{base}{end}" for base in bases for end in ("", f"/files/{final.id}", "/photos.zip")]
        return [await scene.get(path, headers=cookie) for path in (f"/api/v1/c/{tokens[1]}", *paths)]

    gone = await answers()
    assert [answer.status for answer in gone] == [410] * 10
    assert {answer.json["type"].rsplit("/")[-1] for answer in gone} == {"link-deleted"}
    assert gone[0].json["detail"] == "The photos of this link were deleted on 2026-06-15; ask Studio Żółw."
    polish = {"Accept": "text/html", "Accept-Language": "pl"}
    page = (await scene.get(f"/c/{tokens[1]}", headers=polish)).body.decode()
    assert "Zdjęcia z tego linku usunięto 15 czerwca 2026." in page  # in Warsaw
    assert "Napisz do: Studio Żółw" in page

    await scene.gateway.db.pool.execute("UPDATE deletion SET asked_at = now() - interval '366 days'")
    await outdated.forget(scene.gateway.db)
    assert {answer.status for answer in await answers()} == {404}


async def test_the_api_shows_the_order_as_its_client_may_see_it(scene: Scene) -> None:
    shoot = await scene.open_gallery()
    order = await shoot.order("IMG_1.jpg", "IMG_2.jpg")
    final = await shoot.finish_line(order, "IMG_1.jpg", b"12345")
    token = await shoot.client_token(order)

    shown = (await scene.get(f"/api/v1/c/{token}")).expect(200)

    one, two = order.lines
    studio = shown["order"].pop("studio")
    assert (studio["name"], "@" in studio["email"]) == ("Studio Żółw", True)
    assert shown["order"] == {
        "id": str(order.id),
        "number": 1,
        "status": "paid",
        "ready": False,
        "total": {"amount": 2500, "currency": "PLN"},
        "client": {"name": "Anna Nowak"},
        "placed_at": order.placed_at.isoformat(),
        "gallery": "Class 3b",
        "payment_instructions": "",
        "keep_until": None,
        "lines": [
            {"photo_id": str(one.photo_id), "filename": "IMG_1.jpg", "preview": None, "state": "ready"},
            {"photo_id": str(two.photo_id), "filename": "IMG_2.jpg", "preview": None, "state": "waiting"},
        ],
    }
    [file] = shown["downloads"]
    assert (file["transfer_id"], file["filename"], file["size"]) == (str(final.id), "IMG_1.jpg", 5)
    assert file["url"] == f"{scene.gateway.url}/c/{token}/files/{final.id}"
    assert shown["zip_url"] == f"{scene.gateway.url}/c/{token}/photos.zip"
    assert (shown["waiting"], shown["reason"]) == (["IMG_2.jpg"], None)


async def test_a_file_comes_from_the_store_under_a_name_that_every_system_takes(scene: Scene) -> None:
    shoot = await scene.open_gallery()
    order = await shoot.order('Żółw: "1".jpg')
    final = await shoot.finish_line(order, 'Żółw: "1".jpg', b"the bytes")

    redirect = await scene.get(f"/c/{await shoot.client_token(order)}/files/{final.id}")
    file = await scene.get(redirect.headers["Location"])

    assert redirect.status == 302
    assert "X-Amz-Expires=300&" in redirect.headers["Location"]
    assert (redirect.headers["Cache-Control"], redirect.headers["Referrer-Policy"]) == ("no-store", "no-referrer")
    assert file.body == b"the bytes"
    assert file.headers["Content-Disposition"].endswith("filename*=UTF-8''%C5%BB%C3%B3%C5%82w_%20_1_.jpg")


async def test_a_download_is_recorded_once_a_day_and_anew_for_a_new_version(scene: Scene) -> None:
    shoot = await scene.open_gallery()
    order = await shoot.order("IMG_1.jpg")
    [final] = await shoot.finish(order)
    path = f"/c/{await shoot.client_token(order)}/files/{final.id}"

    await gather(*(scene.get(path) for _ in range(20)))
    [told] = await shoot.sent(PhotoDownloaded)
    await shoot.upload("IMG_1.jpg", b"better", replacing=final)
    await scene.get(path)
    await scene.gateway.db.pool.execute("UPDATE download SET on_day = on_day - 1 WHERE order_id = $1", order.id)
    await gather(*(scene.get(path) for _ in range(5)))

    assert (told.order_id, told.transfer_ids, told.as_zip) == (order.id, (final.id,), False)
    assert (await shoot.timeline(order)).count(("downloaded", "IMG_1.jpg")) == 3
    assert len(await shoot.sent(PhotoDownloaded)) == 3


async def test_a_refused_download_says_why_and_is_not_recorded(scene: Scene) -> None:
    shoot = await scene.open_gallery()
    order = await shoot.order("IMG_1.jpg", client=making.ANNA.model_copy(update={"locale": "en"}))
    [final] = await shoot.finish(order)
    await shoot.becomes(order, OrderStatus.REFUNDED)
    token = await shoot.client_token(order)

    refused = await scene.get(f"/c/{token}/files/{final.id}")

    assert (refused.status, refused.json["title"]) == (403, "Not allowed")
    assert refused.json["detail"] == (await scene.get(f"/api/v1/c/{token}")).json["reason"]
    assert "refunded" in refused.json["detail"]
    assert await shoot.sent(PhotoDownloaded) == []
