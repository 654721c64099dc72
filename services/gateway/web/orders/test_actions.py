"""Client orders: what is done to one order, and to many at once."""

from playwright.async_api import expect

from tests.browser.school import School, act, open_menu, row
from tests.browser.visiting import Visitors, check
from tests.e2e.people import Photographer, World
from tests.waiting import eventually

FOR_ALL = ["Copy personal link", "Change e-mail", "New link"]


async def test_the_menu_has_what_makes_sense_for_the_order(visitors: Visitors, school: School) -> None:
    page = await school.page(visitors)
    copy, change, link = FOR_ALL
    erase = "Erase personal data…"
    for name, actions in {
        "Ewa": ["Mark as paid", copy, change, link, "Cancel", erase],
        "Piotr": [copy, change, link, "Refund", "Cancel", erase],
        "Ola": [copy, "Send mail", change, link, "Refund", "Cancel", erase],
        "Anna": [copy, "Send again", change, link, "Refund", "Cancel", erase],
        "Jan": [copy, "Send again", change, link, "Refund", "Cancel", erase],
        "Kasia": [copy, erase],
    }.items():
        assert await open_menu(page, name) == actions
        await page.keyboard.press("Escape")
    await open_menu(page, "Ola")
    await check(page, "orders-menu")


async def test_paying_and_cancelling_an_unpaid_order_show_at_once_and_cancelling_asks_first(
    visitors: Visitors, photographer: Photographer
) -> None:
    school = await School.begin(photographer)
    await school.places("Ewa Mazur", 0)
    await school.places("Jan Lis", 0)
    page = await school.page(visitors)
    await act(page, "Ewa", "Mark as paid")
    await expect(row(page, "Ewa")).to_contain_text("Paid")
    await act(page, "Jan", "Cancel")
    asked = page.get_by_role("dialog", name="Cancel order #2?")
    await expect(asked).to_contain_text("Nothing is mailed to Jan Lis")
    await expect(asked).not_to_contain_text("paid")
    await check(page, "orders-cancel-unpaid")
    assert (await school.orders["Jan"].read())["status"] == "placed"
    await asked.get_by_role("button", name="Cancel the order").click()
    await expect(row(page, "Jan")).to_contain_text("Cancelled")
    await expect(page.get_by_role("heading", level=1)).to_have_text("2 orders · 12.50 PLN")
    assert [(await school.orders[name].read())["status"] for name in ("Ewa", "Jan")] == ["paid", "cancelled"]


async def test_what_takes_photos_back_says_so_before_it_is_done(visitors: Visitors, photographer: Photographer) -> None:
    school = await School.begin(photographer)
    await school.pays("Ewa Mazur", 0)
    await school.pays("Jan Lis", 0)
    page = await school.page(visitors)
    await act(page, "Ewa", "Refund")
    asked = page.get_by_role("dialog", name="Refund order #1?")
    await expect(asked).to_contain_text("Ewa Mazur got 12.50 PLN back. Photoferry moves no money")
    await check(page, "orders-refund")
    await asked.get_by_role("button", name="Not now").click()
    await expect(asked).to_be_hidden()
    await act(page, "Ewa", "Refund")
    await asked.get_by_role("button", name="Note the refund").click()
    await expect(row(page, "Ewa")).to_contain_text("Refunded")
    await expect(asked).to_be_hidden()
    await act(page, "Jan", "Cancel")
    asked = page.get_by_role("dialog", name="Cancel order #2?")
    await expect(asked).to_contain_text("Jan Lis has paid 12.50 PLN.")
    await expect(asked).to_contain_text("This cannot be undone")
    await check(page, "orders-cancel")
    await asked.get_by_role("button", name="Cancel the order").click()
    await expect(row(page, "Jan")).to_contain_text("Cancelled")


async def test_the_link_is_copied_and_a_new_one_replaces_it(visitors: Visitors, photographer: Photographer) -> None:
    school = await School.begin(photographer)
    order = await school.pays("Ewa Mazur", 0)
    page = await school.page(visitors)
    await act(page, "Ewa", "Copy personal link")
    await expect(row(page, "Ewa").get_by_role("button", name="Copied")).to_be_visible()
    before = (await order.read())["client_url"]
    assert await page.evaluate("navigator.clipboard.readText()") == before
    await expect(row(page, "Ewa").get_by_role("button", name="Copied")).to_be_hidden()  # and the menu with it
    await act(page, "Ewa", "New link")
    asked = page.get_by_role("dialog", name="New link for order #1?")
    await check(page, "orders-new-link")
    await asked.get_by_role("button", name="Make a new link").click()
    await expect(asked).to_be_hidden()
    now = await eventually(lambda: _other_link(order, before))
    await expect(row(page, "Ewa").locator(f"[data-copy='{now}']")).to_be_attached()
    await act(page, "Ewa", "Copy personal link")
    await expect(row(page, "Ewa").get_by_role("button", name="Copied")).to_be_visible()
    assert await page.evaluate("navigator.clipboard.readText()") == now


async def _other_link(order: object, before: str) -> str | None:
    link = str((await order.read())["client_url"])  # type: ignore[attr-defined]
    return link if link != before else None


async def test_a_refused_mail_goes_out_after_the_address_is_corrected(
    visitors: Visitors, photographer: Photographer
) -> None:
    school = await School.begin(photographer)
    order = await school.pays("Jan Lis", 0, email="reject-550.lis@example.com")
    await order.until(ready=True)
    page = await school.page(visitors)
    await act(page, "Jan", "Send mail")
    await expect(row(page, "Jan")).to_contain_text("Not delivered")
    await act(page, "Jan", "Change e-mail")
    asked = page.get_by_role("dialog", name="Client of order #1")
    await asked.get_by_label("E-mail").fill("jan@")
    await asked.get_by_role("button", name="Save").click()
    await expect(asked.get_by_text("Enter an e-mail like name@example.com")).to_be_visible()
    await check(page, "orders-client-wrong")
    visitors.forget("422")
    await asked.get_by_label("E-mail").fill("jan.lis@example.com")
    await asked.get_by_label("Phone").fill("+48 600 100 200")
    await asked.get_by_role("button", name="Save").click()
    await expect(asked).to_be_hidden()
    await expect(row(page, "jan.lis@example.com")).to_be_visible()
    await act(page, "Jan", "Send again")
    await expect(row(page, "Jan")).to_contain_text("Mailed")
    assert await page.evaluate("document.querySelector('#problem').textContent") == ""
    client = (await order.read())["client"]
    assert (client["name"], client["phone"]) == ("Jan Lis", "+48 600 100 200")


async def test_many_orders_are_marked_as_paid_at_once(visitors: Visitors, photographer: Photographer) -> None:
    school = await School.begin(photographer)
    for name in ("Ewa Mazur", "Jan Lis", "Kasia Żak"):
        await school.places(name, 0)
    page = await school.page(visitors)
    await expect(page.get_by_role("button", name="Copy links")).to_be_hidden()
    await page.get_by_role("checkbox", name="All on this page").check()
    await expect(page.get_by_text("Selected: 3")).to_be_visible()
    await page.get_by_role("checkbox", name="Select order #3").uncheck()
    await expect(page.get_by_text("Selected: 2")).to_be_visible()
    await check(page, "orders-selected")
    await page.get_by_role("button", name="Copy links").click()
    await expect(page.get_by_role("button", name="Copied")).to_be_visible()
    copied = (await page.evaluate("navigator.clipboard.readText()")).splitlines()
    links = [
        f"#{number}\t{name}\t{(await school.orders[name.split()[0]].read())['client_url']}"
        for number, name in ((2, "Jan Lis"), (1, "Ewa Mazur"))
    ]
    assert copied == links
    await school.orders["Jan"].act("cancel")  # somebody else was quicker
    await page.get_by_role("button", name="Mark as paid").click()
    await expect(page.get_by_text("1 order is paid now.")).to_be_visible()
    await expect(page.get_by_text("#2 Jan Lis: This order is cancelled: ask the client to order anew.")).to_be_visible()
    await expect(row(page, "Ewa")).to_contain_text("Paid")
    await expect(page.get_by_role("button", name="Copy links")).to_be_hidden()
    await check(page, "orders-marked")
    assert (await school.orders["Kasia"].read())["status"] == "placed"


async def test_many_orders_are_cancelled_at_once_after_a_question(
    visitors: Visitors, photographer: Photographer
) -> None:
    school = await School.begin(photographer)
    await school.places("Ewa Mazur", 0)
    await school.pays("Jan Lis", 0)
    await school.places("Kasia Żak", 0)
    page = await school.page(visitors)
    await page.get_by_role("checkbox", name="All on this page").check()
    await page.get_by_role("checkbox", name="Select order #3").uncheck()
    await page.get_by_role("button", name="Cancel orders").click()
    asked = page.get_by_role("dialog", name="Cancel 2 orders?")
    await expect(asked).to_contain_text("1 of them is paid. Photoferry moves no money")
    await check(page, "orders-cancel-many")
    await asked.get_by_role("button", name="Not now").click()
    await expect(page.get_by_text("Selected: 2")).to_be_visible()
    assert [(await school.orders[name].read())["status"] for name in ("Ewa", "Jan")] == ["placed", "paid"]
    await page.get_by_role("button", name="Cancel orders").click()
    await school.orders["Jan"].act("refund")  # somebody else was quicker
    await asked.get_by_role("button", name="Cancel 2 orders").click()
    await expect(page.get_by_text("1 order is cancelled now.")).to_be_visible()
    await expect(page.get_by_text("#2 Jan Lis: This order is refunded")).to_be_visible()
    await expect(asked).to_be_hidden()
    await expect(row(page, "Ewa")).to_contain_text("Cancelled")
    await expect(page.get_by_role("button", name="Cancel orders")).to_be_hidden()  # nothing is ticked any more
    assert (await school.orders["Kasia"].read())["status"] == "placed"


async def test_many_orders_are_refunded_at_once_after_a_question_and_the_unpaid_are_named(
    visitors: Visitors, photographer: Photographer
) -> None:
    school = await School.begin(photographer)
    await school.pays("Ewa Mazur", 0)
    await school.pays("Jan Lis", 0, 1)
    await school.places("Kasia Żak", 0)
    await school.pays("Ola Żak", 0)
    page = await school.page(visitors)
    await page.get_by_role("checkbox", name="All on this page").check()
    await page.get_by_role("checkbox", name="Select order #4").uncheck()
    await page.get_by_role("button", name="Refund orders").click()
    asked = page.get_by_role("dialog", name="Refund 3 orders?")
    await expect(asked).to_contain_text("2 clients got 37.50 PLN back in all. Photoferry moves no money")
    await expect(asked).to_contain_text("Orders that are not paid are left out.")
    await check(page, "orders-refund-many")
    await asked.get_by_role("button", name="Not now").click()
    assert [(await order.read())["status"] for order in school.orders.values()] == ["paid", "paid", "placed", "paid"]
    await page.get_by_role("button", name="Refund orders").click()
    await asked.get_by_role("button", name="Note the refunds").click()
    await expect(page.get_by_text("2 orders are refunded now.")).to_be_visible()
    await expect(page.get_by_text("#3 Kasia Żak: This order is not paid: cancel it instead.")).to_be_visible()
    for name in ("Ewa", "Jan"):
        await expect(row(page, name)).to_contain_text("Refunded")
    assert [(await school.orders[name].read())["status"] for name in ("Kasia", "Ola")] == ["placed", "paid"]


async def test_many_clients_are_mailed_on_purpose_and_the_others_are_named_with_the_reason(
    visitors: Visitors, photographer: Photographer
) -> None:
    school = await School.begin(photographer)
    for name in ("Ewa Mazur", "Jan Lis"):
        await (await school.pays(name, 0)).until(ready=True)
    await school.desk.notify()
    await school.desk.no_mail_on_its_way()
    await school.places("Kasia Żak", 0)
    await school.pays("Ola Żak", 3)
    page = await school.page(visitors)
    await page.get_by_role("checkbox", name="All on this page").check()
    await page.get_by_role("button", name="Send mails").click()
    await check(page, "orders-mail-many")
    await page.get_by_role("dialog", name="Mail 4 clients?").get_by_role("button", name="Send 4 mails").click()
    await expect(page.get_by_text("2 mails are on their way.")).to_be_visible()
    await expect(page.get_by_text("#3 Kasia Żak: This order is not paid")).to_be_visible()
    await expect(page.get_by_text("#4 Ola Żak: No photo of this order is ready")).to_be_visible()
    await school.desk.no_mail_on_its_way()
    for name, mails in {"Ewa": 2, "Jan": 2, "Kasia": 0, "Ola": 0}.items():
        assert len(await school.orders[name].mails()) == mails, name


async def test_what_is_done_to_many_reaches_no_order_of_another_studio(
    visitors: Visitors, photographer: Photographer, world: World
) -> None:
    school, another = await School.begin(photographer), await School.begin(await Photographer.sign_up(world))
    order = await another.pays("Ewa Mazur", 0)
    await order.until(ready=True)
    page = await school.page(visitors)
    path, headers = f"{school.desk.path}/orders", {"Origin": world.url}
    for action in ("cancel", "refund", "notification"):
        asked = await page.request.get(f"{path}/ask/{action}?order_ids={order.id}")
        done = await page.request.post(f"{path}/{action}", form={"order_ids": order.id}, headers=headers)
        assert (asked.status, done.status) == (422, 422)
    await order.until(status="paid")
    assert (await order.read())["notification"]["state"] == "none"


async def test_an_action_that_somebody_else_was_quicker_with_is_refused_with_what_to_do(
    visitors: Visitors, photographer: Photographer
) -> None:
    school = await School.begin(photographer)
    order = await school.places("Ewa Mazur", 0)
    page = await school.page(visitors)
    await page.route("**/events", lambda _: None)  # this page never hears of it
    await page.reload()
    await order.act("cancel")
    await act(page, "Ewa", "Mark as paid")
    await expect(page.get_by_role("alert")).to_contain_text("This order is cancelled: ask the client to order anew.")
    visitors.forget("409")


async def test_what_was_refused_stays_to_be_read_while_the_connection_comes_and_goes(
    visitors: Visitors, photographer: Photographer
) -> None:
    school = await School.begin(photographer)
    order = await school.places("Ewa Mazur", 0)
    page = await school.page(visitors)
    await page.route("**/events", lambda _: None)
    await page.reload()
    await order.act("cancel")
    await act(page, "Ewa", "Mark as paid")
    alert = page.get_by_role("alert")
    await expect(alert).to_contain_text("This order is cancelled")
    look = "document.getElementById('live').dispatchEvent(new CustomEvent('look'))"
    await page.context.set_offline(True)
    for _ in range(2):
        await page.evaluate(look)
        await expect(alert.get_by_text("Connection lost.")).to_have_count(1)
    await expect(alert).to_contain_text("This order is cancelled")
    await page.context.set_offline(False)
    await page.evaluate(look)
    await expect(alert).not_to_contain_text("Connection lost.")
    await expect(alert).to_contain_text("This order is cancelled")
    visitors.forget("409", "ERR_INTERNET_DISCONNECTED", "Failed to fetch")


async def test_the_keyboard_alone_is_enough(visitors: Visitors, photographer: Photographer) -> None:
    school = await School.begin(photographer)
    await school.pays("Ewa Mazur", 0)
    page = await school.page(visitors)
    actions = row(page, "Ewa").get_by_role("button", name="Actions for order #1")
    await page.get_by_role("searchbox").focus()
    for _ in range(30):
        await page.keyboard.press("Tab")
        if await actions.evaluate("each => each === document.activeElement"):
            break
    await page.keyboard.press("Enter")
    await expect(row(page, "Ewa").get_by_role("button", name="Refund")).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(actions).to_be_focused()
    await page.keyboard.press("Enter")
    while not await page.evaluate("document.activeElement.textContent.trim() === 'Refund'"):
        await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("button", name="Not now")).to_be_focused()
    await page.keyboard.press("Escape")
    await expect(actions).to_be_focused()


async def test_on_a_phone_boxes_come_with_select(visitors: Visitors, school: School) -> None:
    page = await school.page(visitors, phone=True)
    box = page.get_by_role("checkbox", name="Select order #3")
    await expect(box).to_be_hidden()
    await page.get_by_role("checkbox", name="Select", exact=True).check()
    await box.check()
    await expect(page.get_by_text("Selected: 1")).to_be_visible()
    await check(page, "orders-phone-select")
