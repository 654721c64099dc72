"""Reminders in the browser: drafts that the photographer confirms."""

import asyncpg
from playwright.async_api import Page, expect

from tests.browser.fixtures import Studio
from tests.browser.visiting import Visitors, check
from tests.e2e.people import ClientOrder, GalleryDesk, Photographer
from tests.waiting import eventually


async def unpaid(photographer: Photographer, *names: str, **settings: object) -> tuple[GalleryDesk, list[ClientOrder]]:
    desk = await photographer.open_gallery(name="Class <b>3b</b>", payment_instructions="Account <i>12</i>", **settings)
    photos = await desk.add_photos("IMG_1.jpg", "IMG_2.jpg")
    return desk, [await desk.order(*photos.values(), name=name) for name in names]


async def mailed(photographer: Photographer, **settings: object) -> tuple[GalleryDesk, ClientOrder]:
    desk = await photographer.open_gallery(**settings)
    photos = await desk.add_photos("IMG_1.jpg")
    order = await desk.order(*photos.values(), name="Żaneta Żak")
    await order.act("mark-paid")
    await desk.add_finals("IMG_1.jpg")
    await order.until(ready=True)
    await desk.notify()
    await desk.no_mail_on_its_way()
    return desk, order


async def reminded(order: ClientOrder, mails: int = 1) -> str:
    """The text of the client's last mail, once there are so many."""

    async def look() -> str | None:
        found = await order.mails()
        return str(found[-1]["text"]) if len(found) == mails else None

    return await eventually(look, within=30)


async def waiting_for_any_time(page: Page) -> None:
    await page.get_by_label("Waiting for at least").select_option("any time")


async def test_who_has_not_paid_is_reminded_when_ticked_and_confirmed(
    studio: Studio, photographer: Photographer
) -> None:
    desk, (anna, evil) = await unpaid(photographer, "Anna Nowak", "Eve <script>")
    page = await studio(f"/galleries/{desk.id}/reminders")
    await expect(page.get_by_text("No unpaid order has waited that long without a reminder.")).to_be_visible()
    await expect(page.get_by_text("2 have not waited that long.")).to_be_visible()
    await check(page, "reminders-empty")
    await waiting_for_any_time(page)
    await expect(page.get_by_text("Eve <script>")).to_be_visible()
    await expect(page.get_by_text("Your order #1 from “Class <b>3b</b>” is not paid yet")).to_be_visible()
    await expect(page.get_by_text("Account <i>12</i>")).to_be_visible()
    await check(page, "reminders")
    await page.get_by_role("checkbox", name="Eve").uncheck()
    await expect(page.get_by_role("button", name="Send reminders: 1")).to_be_visible()
    third = await desk.order(*(await desk.add_photos("IMG_3.jpg")).values(), name="Third")
    await expect(page.get_by_role("checkbox", name="Third")).to_be_checked()
    await expect(page.get_by_role("checkbox", name="Eve")).not_to_be_checked()
    await page.get_by_role("button", name="Send reminders: 2").click()
    await expect(page.get_by_text("2 reminded before")).to_be_visible()
    await check(page, "reminders-sent")
    await page.get_by_text("2 reminded before").click()
    await expect(page.get_by_role("link", name="Third")).to_be_visible()

    text = await reminded(anna)
    assert "Account <i>12</i>" in text
    assert f"/g/{desk.public_token}/orders/{anna.id}" in text
    assert "/c/" not in text
    assert "25.00 PLN" in text
    await reminded(third)
    assert await evil.mails() == []
    assert (await anna.read())["timeline"][-1]["what"] == "reminded"
    await expect(page.get_by_role("checkbox")).to_have_count(1)
    await page.get_by_role("link", name="Anna Nowak").click()
    await expect(page.get_by_role("listitem").filter(has_text="Reminded")).to_contain_text("to pay")


async def test_who_has_not_downloaded_is_reminded_in_their_language_and_on_a_phone(
    studio: Studio, photographer: Photographer, database: asyncpg.Connection
) -> None:
    desk, order = await mailed(photographer, locale="pl")
    await database.execute(
        "UPDATE gateway.notification SET sent_at = now() - interval '8 days' WHERE gallery_id = $1", desk.id
    )
    await photographer.do("PATCH", "/studio", json={"locale": "pl"})
    page = await studio(f"/galleries/{desk.id}/reminders", locale="pl-PL", phone=True)
    await expect(page.get_by_text("Twoje zdjęcia z galerii „Class 3b” czekają na pobranie")).to_be_visible()
    await check(page, "reminders-polish")
    await page.get_by_role("button", name="Wyślij przypomnienia: 1").click()

    text = await reminded(order, mails=2)
    assert (await order.read())["client_url"] in text
    assert "ale jeszcze niepobrane" in text
    await expect(page.get_by_text("1 przypomniane wcześniej")).to_be_visible()


async def test_who_has_paid_or_downloaded_meanwhile_leaves_the_list_by_itself(
    studio: Studio, photographer: Photographer
) -> None:
    desk, order = await mailed(photographer)
    other = await desk.order(*(await desk.add_photos("IMG_2.jpg")).values(), name="Anna Nowak")
    page = await studio(f"/galleries/{desk.id}/reminders?days=0")
    await expect(page.get_by_role("checkbox")).to_have_count(2)
    await check(page, "reminders-both")
    await order.unzip((await order.downloads())["zip_url"])
    await expect(page.get_by_role("checkbox", name="Żaneta")).to_have_count(0)
    await other.act("mark-paid")
    await expect(page.get_by_role("checkbox")).to_have_count(0)


async def test_a_reminder_that_did_not_arrive_says_why_and_what_to_do(
    studio: Studio, photographer: Photographer
) -> None:
    desk, _ = await unpaid(photographer)
    photos = await desk.add_photos("IMG_3.jpg")
    await desk.order(*photos.values(), name="Reminded")
    page = await studio(f"/galleries/{desk.id}/reminders?days=0")
    await page.get_by_role("button", name="Send reminders: 1").click()
    await page.get_by_text("1 reminded before").click()
    await desk.order(*photos.values(), email=f"reject-550.{desk.id.hex}@example.com")
    await page.get_by_role("button", name="Send reminders: 1").click()
    await expect(page.get_by_text("1 reminder may not have arrived")).to_be_visible()
    await expect(page.get_by_text("550 reject-550")).to_be_visible()
    await expect(page.get_by_text("Write to these clients yourself.")).to_be_visible()
    await expect(page.get_by_role("link", name="Reminded")).to_be_visible()
    await check(page, "reminders-failed")


async def test_nothing_ticked_is_said(studio: Studio, photographer: Photographer, visitors: Visitors) -> None:
    desk, _ = await unpaid(photographer, "Anna Nowak")
    page = await studio(f"/galleries/{desk.id}/reminders?days=0")
    await page.get_by_role("checkbox").uncheck()
    await page.get_by_role("button", name="Send reminders: 0").click()
    await expect(page.get_by_text("Tick at least one order.")).to_be_visible()
    visitors.forget("422")


async def test_switched_on_in_settings_reminders_go_by_themselves(
    studio: Studio, photographer: Photographer, database: asyncpg.Connection, visitors: Visitors
) -> None:
    desk, (order,) = await unpaid(photographer, "Anna Nowak")
    for schema in ("notifier", "gateway"):
        await database.execute(
            f"UPDATE {schema}.client_order SET placed_at = now() - interval '8 days' WHERE gallery_id = $1", desk.id
        )
    page = await studio(f"/galleries/{desk.id}/settings")
    days = page.get_by_label("Not paid: days until a reminder")
    await days.fill("0")
    await page.get_by_role("button", name="Save").click()
    await expect(page.get_by_text("Enter a number of days from 1 to 365, or nothing.")).to_be_visible()
    visitors.forget("422")
    assert await order.mails() == []
    await days.fill("7")
    await page.get_by_role("button", name="Save").click()
    await expect(page.get_by_text("Saved.")).to_be_visible()
    await expect(days).to_have_value("7")
    await reminded(order)
    await page.get_by_role("link", name="Send reminders yourself").click()
    await expect(page.get_by_text("Reminded automatically after 7 days.")).to_be_visible()
    await expect(page.get_by_text("1 reminded before")).to_be_visible()
    await page.get_by_role("link", name="Settings").first.click()
    await days.fill("")
    await page.get_by_role("button", name="Save").click()
    await expect(days).to_have_value("")
    assert (await desk.do("GET"))["remind_unpaid_days"] is None
