"""Uploading through the page, as a photographer does it."""

import asyncio
import re
from collections import Counter
from pathlib import Path
from typing import Any

from playwright.async_api import Page, Route, expect

from deploy.local.drawing import draw
from services.gateway.view import abandoned
from tests.browser.fixtures import Studio
from tests.browser.visiting import Visitors, check
from tests.e2e.people import GalleryDesk, Photographer, World, final, proof
from tests.waiting import eventually

IN_THE_STORE = re.compile(r"/incoming/")
REFUSED: dict[str, Any] = {"status": 403, "headers": {"Access-Control-Allow-Origin": "*"}}
"""How a store answers a URL that has run out."""
AS_IN_PHOTO_TRANSFER = """
    new MutationObserver(() => document.querySelector("[data-uploading]")?.setAttribute("data-tab", "transfers"))
        .observe(document, { childList: true, subtree: true });
"""
SERVICES = Path(__file__).parents[3]
SLOTS = re.compile(r"/(photos|transfers)/uploads$")


def photos_in(folder: Path, *names: str) -> list[Path]:
    """Drawn photos as files of a folder."""
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(proof(name))
    return [folder / name for name in names]


async def choose(page: Page, *paths: Path, button: str = "Choose files") -> None:
    """Files, or a folder, from the browser's own dialog."""
    async with page.expect_file_chooser() as chooser:
        await page.get_by_role("button", name=button).click()
    await (await chooser.value).set_files([str(path) for path in paths])


async def drag(page: Page, what: str, *paths: Path) -> None:
    """`dragover` or `drop` of files on the page."""
    named = [[path.name, path.read_bytes().decode("latin-1")] for path in paths]
    await page.evaluate(
        """([what, files]) => {
            const dataTransfer = new DataTransfer();
            for (const [name, text] of files) {
                const bytes = Uint8Array.from(text, (character) => character.charCodeAt(0));
                dataTransfer.items.add(new File([bytes], name, { type: "image/jpeg" }));
            }
            const event = new DragEvent(what, { dataTransfer, bubbles: true, cancelable: true });
            document.querySelector("main").dispatchEvent(event);
        }""",
        [what, named],
    )


async def said(page: Page, words: str) -> None:
    """The page says it in the end; files take their time on a busy machine."""
    await expect(page.get_by_text(words)).to_be_visible(timeout=60_000)


async def names_in(desk: GalleryDesk, tab: str = "photos") -> list[str]:
    """What is stored."""
    return [item["filename"] for item in (await desk.do("GET", f"/{tab}?limit=500"))["items"]]


class Gate:
    """Holds files on their way into the store until it is opened."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.opened = asyncio.Event()
        self.waiting = 0

    async def hold(self, *, after: int = 0) -> None:
        """All but the first `after` files."""

        async def handle(route: Route) -> None:
            self.waiting += 1
            if self.waiting > after:
                await self.opened.wait()
            await route.continue_()

        await self.page.route(IN_THE_STORE, handle)


async def test_chosen_files_become_photos_of_the_gallery(
    studio: Studio, photographer: Photographer, tmp_path: Path
) -> None:
    desk = await photographer.open_gallery()
    page = await studio(f"/galleries/{desk.id}/photos")
    await check(page, "photos-empty")
    await choose(page, *photos_in(tmp_path, "IMG_1.jpg", "IMG_2.jpg", "IMG_3.jpg"))

    await said(page, "3 photos uploaded")
    await expect(page.get_by_role("heading", name="3 photos")).to_be_visible()
    assert await names_in(desk) == ["IMG_1.jpg", "IMG_2.jpg", "IMG_3.jpg"]
    await choose(page, *photos_in(tmp_path, "IMG_1.jpg", "IMG_4.jpg"))
    await said(page, "1 photo uploaded · 1 here already, skipped")
    await check(page, "photos-uploaded")


async def test_files_can_be_chosen_as_soon_as_the_buttons_look_so(
    studio: Studio, photographer: Photographer, tmp_path: Path
) -> None:
    desk = await photographer.open_gallery()
    page, script = await studio("/galleries"), asyncio.Event()

    async def hold(route: Route) -> None:
        await script.wait()
        await route.continue_()

    await page.route("**/panel-*.js", hold)
    await page.goto(f"/galleries/{desk.id}/photos", wait_until="commit")
    for name in ("Choose files", "Choose a folder"):
        await expect(page.get_by_role("button", name=name)).to_be_disabled()
    script.set()
    await choose(page, *photos_in(tmp_path, "IMG_1.jpg"))
    await said(page, "1 photo uploaded")


async def test_a_folder_is_uploaded_and_each_refused_file_says_why(
    studio: Studio, photographer: Photographer, tmp_path: Path
) -> None:
    desk = await photographer.open_gallery()
    photos_in(tmp_path, "a/IMG_1.jpg", "b/img_1.JPG", "b/IMG_2.jpg")
    (tmp_path / "a/.DS_Store").write_bytes(b"of the Finder")
    (tmp_path / "a/IMG_1.CR2").write_bytes(b"raw")
    (tmp_path / "b/offer.jpg").write_bytes(b"%PDF-1.7\n" + bytes(2_000))
    (tmp_path / "b/empty.jpg").touch()
    page = await studio(f"/galleries/{desk.id}/photos")
    await choose(page, tmp_path, button="Choose a folder")

    await said(page, "2 photos uploaded")
    refused = page.get_by_role("listitem").filter(has=page.locator("b"))
    await expect(refused).to_have_count(4)
    for name, reason in {
        "IMG_1.CR2": "Develop it and upload the photo as JPEG or TIFF.",
        "empty.jpg": "The file is empty.",
        "offer.jpg": "By its content, this is a PDF document.",
    }.items():
        await expect(refused.filter(has_text=name)).to_contain_text(reason)
    await expect(refused.filter(has_text=re.compile("IMG_1.jpg", re.IGNORECASE))).to_contain_text(
        "Only case, folder or extension tell it from"
    )
    await check(page, "uploading-refused")
    assert len(await names_in(desk)) == 2
    await page.get_by_role("button", name="Clear list").click()
    await expect(page.get_by_text("files were not uploaded")).to_be_hidden()


async def test_files_are_dropped_anywhere_on_the_page_and_shown_on_their_way(
    studio: Studio, photographer: Photographer, tmp_path: Path
) -> None:
    desk = await photographer.open_gallery()
    page = await studio(f"/galleries/{desk.id}/photos")
    files = photos_in(tmp_path, *(f"IMG_{number}.jpg" for number in range(9)))
    dragging = asyncio.create_task(_keep_dragging(page, files[0]))
    await expect(page.get_by_text("Drop to add them to Photos")).to_be_visible()
    await check(page, "uploading-drag-over")
    dragging.cancel()

    gate = Gate(page)
    await gate.hold(after=2)
    await drag(page, "drop", *files)
    await expect(page.get_by_text("Drop to add them to Photos")).to_be_hidden()
    await expect(page.get_by_text("Uploading 2 of 9")).to_be_visible()
    await expect(page.get_by_text("3 waiting")).to_be_visible()
    await expect(page.get_by_role("progressbar", name="IMG_3.jpg")).to_be_visible()
    await expect(page.get_by_role("heading", name="2 photos")).to_be_visible()
    await check(page, "uploading-sending")
    gate.opened.set()
    await said(page, "9 photos uploaded")


async def _keep_dragging(page: Page, file: Path) -> None:
    while True:
        await drag(page, "dragover", file)
        await asyncio.sleep(0.2)  # as browsers repeat it


async def test_an_upload_survives_a_lost_connection(studio: Studio, photographer: Photographer, tmp_path: Path) -> None:
    desk = await photographer.open_gallery()
    page = await studio(f"/galleries/{desk.id}/photos")
    gate = Gate(page)
    await gate.hold(after=1)
    names = [f"IMG_{number}.jpg" for number in range(6)]
    await choose(page, *photos_in(tmp_path, *names))
    await expect(page.get_by_text("Uploading 1 of 6")).to_be_visible()
    await page.context.set_offline(True)
    gate.opened.set()

    await expect(page.get_by_text("Connection lost. The upload goes on by itself.")).to_be_visible()
    await check(page, "uploading-offline")
    await page.context.set_offline(False)
    await said(page, "6 photos uploaded")
    assert await names_in(desk) == names
    studio.visitors.forget("ERR_INTERNET_DISCONNECTED")
    studio.visitors.forget_any("Failed to fetch")


async def test_an_upload_survives_a_store_that_is_away_and_slots_that_have_run_out(
    studio: Studio, photographer: Photographer, tmp_path: Path
) -> None:
    desk = await photographer.open_gallery()
    page = await studio(f"/galleries/{desk.id}/photos")
    tries = Counter[str]()

    async def away_then_run_out(route: Route) -> None:
        tries[route.request.url] += 1
        if list(tries).index(route.request.url) >= len(names):  # in a new slot
            await route.continue_()
        elif tries[route.request.url] == 1:
            await route.abort("connectionrefused")
        else:
            await route.fulfill(**REFUSED)

    await page.route(IN_THE_STORE, away_then_run_out)
    names = [f"IMG_{number}.jpg" for number in range(5)]
    await choose(page, *photos_in(tmp_path, *names))

    await said(page, "5 photos uploaded")
    assert await names_in(desk) == names
    assert Counter(tries.values()) == {2: 5, 1: 5}
    studio.visitors.forget("ERR_CONNECTION_REFUSED", "403")


async def test_a_cancelled_upload_keeps_what_was_sent_and_the_second_drop_skips_it(
    studio: Studio, photographer: Photographer, tmp_path: Path
) -> None:
    desk = await photographer.open_gallery()
    page = await studio(f"/galleries/{desk.id}/photos")
    gate = Gate(page)
    await gate.hold(after=2)
    photos_in(tmp_path, *(f"IMG_{number}.jpg" for number in range(8)))
    await choose(page, tmp_path, button="Choose a folder")
    await expect(page.get_by_role("heading", name="2 photos")).to_be_visible()
    await page.get_by_role("button", name="Cancel upload").click()

    await expect(page.get_by_text("Cancelled. What was sent before stays.")).to_be_visible()
    await check(page, "uploading-cancelled")
    gate.opened.set()
    assert len(await names_in(desk)) == 2
    await choose(page, tmp_path, button="Choose a folder")
    await said(page, "6 photos uploaded · 2 here already, skipped")
    assert len(await names_in(desk)) == 8


async def test_what_the_store_refused_is_sent_again_on_request(
    studio: Studio, photographer: Photographer, tmp_path: Path
) -> None:
    desk = await photographer.open_gallery()
    page = await studio(f"/galleries/{desk.id}/photos")
    await page.route(IN_THE_STORE, lambda route: route.fulfill(**REFUSED))
    await choose(page, *photos_in(tmp_path, "IMG_1.jpg", "IMG_2.jpg"))
    await said(page, "2 files were not uploaded")
    await expect(page.get_by_text("The store of the files did not take it.")).to_have_count(2)

    await page.unroute(IN_THE_STORE)
    await page.get_by_role("button", name="Retry").click()
    await said(page, "2 photos uploaded")
    await expect(page.get_by_text("files were not uploaded")).to_be_hidden()
    studio.visitors.forget("403")


async def test_who_is_logged_out_meanwhile_logs_in_and_goes_on(
    studio: Studio, photographer: Photographer, tmp_path: Path
) -> None:
    desk = await photographer.open_gallery()
    page = await studio(f"/galleries/{desk.id}/photos")
    file = photos_in(tmp_path, "IMG_1.jpg")
    await page.route(SLOTS, lambda route: _after_logging_out(page, route), times=1)
    await choose(page, *file)
    await expect(page.get_by_text("You are no longer logged in.")).to_be_visible()

    await studio.visitors.log_in(page, photographer)
    await page.get_by_role("button", name="Retry").click()
    await said(page, "1 photo uploaded")
    studio.visitors.forget("401")


async def _after_logging_out(page: Page, route: Route) -> None:
    await page.context.clear_cookies()
    headers = {name: value for name, value in route.request.headers.items() if name != "cookie"}
    await route.continue_(headers=headers)


async def test_what_becomes_of_files_is_known_without_live_events_too(
    studio: Studio, photographer: Photographer, tmp_path: Path
) -> None:
    desk = await photographer.open_gallery()
    page = await studio("/galleries")
    await page.route(re.compile(r"/events$"), lambda route: route.fulfill(status=204))
    await page.goto(f"/galleries/{desk.id}/photos")
    await choose(page, *photos_in(tmp_path, "IMG_1.jpg"))

    await said(page, "1 photo uploaded")


async def test_a_large_file_is_sent_in_parts(studio: Studio, photographer: Photographer, tmp_path: Path) -> None:
    desk = await photographer.open_gallery()
    (tmp_path / "large.tif").write_bytes(bytes(draw("large", 3_000, 2_000).tiffsave_buffer()))
    page = await studio(f"/galleries/{desk.id}/photos")
    await choose(page, tmp_path / "large.tif")

    await said(page, "1 photo uploaded")
    [stored] = (await desk.do("GET", "/photos"))["items"]
    assert stored["size"] == (tmp_path / "large.tif").stat().st_size > 16 * 1024 * 1024


async def test_a_file_that_is_gone_says_so(studio: Studio, photographer: Photographer, tmp_path: Path) -> None:
    desk = await photographer.open_gallery()
    page = await studio(f"/galleries/{desk.id}/photos")
    [gone] = photos_in(tmp_path, "IMG_1.jpg")
    await page.route(SLOTS, lambda route: _after_removing(gone, route))
    await choose(page, gone)

    await expect(page.get_by_text("it was moved or changed")).to_be_visible()
    studio.visitors.forget("ERR_FILE_NOT_FOUND")


async def _after_removing(file: Path, route: Route) -> None:
    await asyncio.to_thread(file.unlink, missing_ok=True)
    await route.continue_()


async def test_the_page_is_not_left_by_mistake_while_files_are_sent(
    studio: Studio, photographer: Photographer, tmp_path: Path
) -> None:
    desk = await photographer.open_gallery()
    page = await studio(f"/galleries/{desk.id}/photos")
    gate = Gate(page)
    await gate.hold()
    await choose(page, *photos_in(tmp_path, "IMG_1.jpg"))
    await expect(page.get_by_text("Uploading 0 of 1")).to_be_visible()
    async with page.expect_event("dialog") as asked:
        await page.close(run_before_unload=True)
    dialog = await asked.value
    assert dialog.type == "beforeunload"
    await dialog.dismiss()

    gate.opened.set()
    await said(page, "1 photo uploaded")


async def test_a_final_of_the_same_name_and_size_is_skipped_only_when_it_is_the_same(
    studio: Studio, photographer: Photographer, tmp_path: Path
) -> None:
    desk = await photographer.open_gallery()
    old, new = final("IMG_1.jpg"), bytearray(final("IMG_1.jpg"))
    new[-20] ^= 1  # in the entropy-coded part
    await desk.upload("transfers", {"IMG_1.jpg": old, "IMG_2.jpg": old})
    (tmp_path / "IMG_1.jpg").write_bytes(old)
    (tmp_path / "IMG_2.jpg").write_bytes(bytes(new))
    page = await studio("/galleries")
    await page.add_init_script(AS_IN_PHOTO_TRANSFER)
    await page.goto(f"/galleries/{desk.id}/photos")
    await choose(page, tmp_path / "IMG_1.jpg", tmp_path / "IMG_2.jpg")

    await said(page, "1 photo uploaded · 1 here already, skipped")
    finals = (await desk.do("GET", "/transfers"))["items"]
    assert [(each["filename"], each["version"]) for each in finals] == [("IMG_1.jpg", 1), ("IMG_2.jpg", 2)]


async def test_uploading_speaks_polish(world: World, visitors: Visitors, tmp_path: Path) -> None:
    photographer = await Photographer.sign_up(world, locale="pl")
    desk = await photographer.open_gallery(name="Klasa 3b")
    page = await visitors.anybody(phone=True)
    await visitors.log_in(page, photographer)
    await page.goto(f"/galleries/{desk.id}/photos")
    await expect(page.get_by_text("Przerwane? Upuść folder ponownie")).to_be_visible()
    (tmp_path / "oferta.jpg").write_bytes(b"%PDF-1.7\n" + bytes(2_000))
    (tmp_path / "pusty.jpg").touch()
    files = photos_in(tmp_path, "1.jpg", "2.jpg")
    await choose(page, *files, tmp_path / "oferta.jpg", tmp_path / "pusty.jpg", button="Wybierz pliki")

    await said(page, "Wysłano 2 zdjęcia")
    await expect(page.get_by_text("Nie wysłano 2 plików")).to_be_visible()
    await expect(page.get_by_text("Zawartość tego pliku nie jest zdjęciem.")).to_be_visible()
    await expect(page.get_by_text("Plik jest pusty.")).to_be_visible()
    await check(page, "uploading-polish")


def test_there_are_words_for_every_reason_to_refuse_a_file() -> None:
    sources = ("transfers/rejections.py", "gateway/slots.py")
    text = "".join((SERVICES / source).read_text() for source in sources)
    codes = set(re.findall(r'(?:RejectedImage|NotAccepted|Refusal)\(\s*"(\w+)"', text))
    words = (SERVICES / "gateway/web/uploading/words.html").read_text()

    assert len(codes) > 12
    assert not {code for code in (*codes, abandoned.CODE) if f'"reason-{code}"' not in words}


async def test_names_full_of_markup_are_text(studio: Studio, photographer: Photographer, tmp_path: Path) -> None:
    desk = await photographer.open_gallery()
    name, refused = "<img src=x onerror=alert(1)>\"&'.jpg", "<b onclick=alert(1)>.jpg"
    photos_in(tmp_path, name)
    (tmp_path / refused).touch()
    page = await studio(f"/galleries/{desk.id}/photos")
    gate = Gate(page)
    await gate.hold()
    await choose(page, tmp_path / name, tmp_path / refused)

    await expect(page.get_by_role("progressbar", name=name)).to_be_visible()
    await expect(page.get_by_text(refused)).to_be_visible()
    gate.opened.set()
    await expect(page.get_by_role("link", name=name, exact=True)).to_be_visible()
    await eventually(lambda: names_in(desk))
