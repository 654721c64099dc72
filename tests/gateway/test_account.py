"""A studio changes its own account."""

from contracts.orders import ChangeStudio
from tests.gateway.running import RunningGateway
from tests.gateway.test_accounts import PASSWORD, Account, account

__all__ = ["account"]


async def test_clients_see_the_new_name_and_address_of_a_studio(gateway: RunningGateway, account: Account) -> None:
    browser = await account.browser()
    changes = {"name": "Nowe", "contact_email": "hello@example.com", "locale": "pl"}
    changed = (await browser.patch("/api/v1/studio", changes)).expect(200)
    assert (changed["name"], changed["contact_email"], changed["email"]) == ("Nowe", "hello@example.com", account.email)
    command = (await gateway.sent(ChangeStudio))[-1]
    studio = command.studio
    assert (studio.name, studio.email, studio.locale, studio.revision) == ("Nowe", "hello@example.com", "pl", 1)


async def test_a_new_password_needs_the_old_one_and_ends_other_log_ins(account: Account) -> None:
    browser, other = await account.browser(), await account.browser()
    wrong = await browser.post("/api/v1/studio/login", {"password": "guessed", "new_password": "another long one"})
    assert wrong.expect(403)["errors"][0]["field"] == "password"
    right = await browser.post("/api/v1/studio/login", {"password": PASSWORD, "new_password": "another long one"})
    right.expect(200)
    (await browser.get("/api/v1/studio")).expect(200)
    (await other.get("/api/v1/studio")).expect(401)
    (await account.log_in()).expect(401)
    (await account.log_in("another long one")).expect(201)


async def test_nobody_takes_anothers_address(gateway: RunningGateway, account: Account) -> None:
    other = {"name": "B", "email": "b@example.com", "password": PASSWORD}
    (await gateway.client.post("/api/v1/studios", other)).expect(201)
    browser = await account.browser()
    taken = await browser.post("/api/v1/studio/login", {"password": PASSWORD, "email": "B@example.com"})
    assert taken.expect(409)["errors"][0]["field"] == "email"


async def test_logging_out_everywhere_ends_all_log_ins(account: Account) -> None:
    browser, other = await account.browser(), await account.browser()
    (await browser.delete("/api/v1/sessions")).expect(204)
    (await browser.get("/api/v1/studio")).expect(401)
    (await other.get("/api/v1/studio")).expect(401)
