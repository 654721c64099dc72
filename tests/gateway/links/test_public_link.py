"""The public link beside ordering: where finals are instead, lost personal links, the page (S6)."""

from asyncio import gather
from time import perf_counter

import pytest

from contracts.base import utc_now
from contracts.notifier import SendLinks
from tests import making
from tests.gateway.client import Answer
from tests.gateway.links.scene import Scene, Shoot

OTTO = making.ANNA.model_copy(update={"email": "otto@example.com"})
SHOUTING_ANNA = making.ANNA.model_copy(update={"email": "ANNA@example.com"})


async def _ask(shoot: Shoot, email: str) -> Answer:
    return await shoot.scene.gateway.client.post(f"/api/v1/g/{shoot.public_token}/resend-link", {"email": email})


@pytest.mark.parametrize(("policy", "hint"), [("none", "Come back later"), ("ordered_and_paid", "personal link")])
async def test_a_refusal_says_where_the_photos_are(scene: Scene, policy: str, hint: str) -> None:
    shoot = await scene.open_gallery(download_policy=policy)

    refused = await scene.get(f"/api/v1/g/{shoot.public_token}/downloads")

    assert hint in refused.expect(403)["detail"]


async def test_finals_for_anyone_are_listed_with_addresses_that_open(scene: Scene) -> None:
    shoot = await scene.open_gallery(download_policy="anyone")
    final = await shoot.upload("a:b.jpg", b"the bytes")

    shown = (await scene.get(f"/api/v1/g/{shoot.public_token}/downloads")).expect(200)

    [file] = shown["downloads"]
    assert set(file) == {"transfer_id", "filename", "size", "preview", "url"}
    assert (file["transfer_id"], file["filename"], file["size"]) == (str(final.id), "a_b.jpg", 9)
    redirect = await scene.get(file["url"])
    assert (await scene.get(redirect.headers["Location"])).body == b"the bytes"
    assert (await scene.get(shown["zip_url"])).status == 200


async def test_the_page_shows_name_and_welcome_escaped(scene: Scene) -> None:
    shoot = await scene.open_gallery(name="3b <b>", welcome="Hi & welcome", locale="pl")

    page = await scene.get(f"/g/{shoot.public_token}")

    assert page.status == 200
    text = page.body.decode()
    assert 'lang="pl"' in text
    assert "<h1>3b &lt;b&gt;</h1>" in text
    assert "Hi &amp; welcome" in text
    assert page.headers["Content-Security-Policy"].startswith("default-src 'none'")


async def test_the_page_says_until_when_its_photos_are_here(scene: Scene) -> None:
    year = utc_now().year + 1
    kept = await scene.open_gallery(keep_until=f"{year}-06-14T22:30:00Z")

    page = (await scene.get(f"/g/{kept.public_token}")).body.decode()

    assert f"The photos are here until 15 Jun {year}, 00:30." in page
    forever = await scene.open_gallery()
    assert "here until" not in (await scene.get(f"/g/{forever.public_token}")).body.decode()


@pytest.mark.parametrize(("accepted", "sent"), [("gzip, br", "gzip"), ("identity", None)])
async def test_pages_and_scripts_go_out_compressed_to_who_reads_that(
    scene: Scene, accepted: str, sent: str | None
) -> None:
    shoot = await scene.open_gallery()
    page = await scene.get(f"/g/{shoot.public_token}", headers={"Accept-Encoding": accepted})
    script = page.body.decode().partition('type="module" src="')[2].partition('"')[0]
    answers = [page, await scene.get(script, headers={"Accept-Encoding": accepted})]
    assert [(answer.status, answer.headers.get("Content-Encoding")) for answer in answers] == [(200, sent)] * 2


async def test_a_lost_link_is_sent_again_to_whoever_ordered(scene: Scene) -> None:
    shoot, elsewhere = await scene.open_gallery(), await scene.open_gallery()
    first, second = await shoot.order("1.jpg"), await shoot.order("2.jpg", client=SHOUTING_ANNA)
    await shoot.order("3.jpg", client=OTTO)
    await elsewhere.order("4.jpg")

    answer = await _ask(shoot, "Anna@Example.com")

    assert answer.status == 202
    [sent] = await shoot.sent(SendLinks)
    assert set(sent.order_ids) == {first.id, second.id}
    assert sent.email == "ANNA@example.com"
    assert await elsewhere.sent(SendLinks) == []


async def test_asking_again_within_ten_minutes_sends_nothing(scene: Scene) -> None:
    shoot = await scene.open_gallery()
    await shoot.order("1.jpg")
    await shoot.order("2.jpg", client=OTTO)

    answers = await gather(*(_ask(shoot, "anna@example.com") for _ in range(20)))
    await _ask(shoot, "otto@example.com")

    assert {answer.status for answer in answers} == {202}
    assert [sent.email for sent in await shoot.sent(SendLinks)] == ["anna@example.com", "otto@example.com"]
    await scene.gateway.db.pool.execute("UPDATE link_mail SET sent_at = sent_at - interval '10 minutes'")
    await _ask(shoot, "anna@example.com")
    assert len(await shoot.sent(SendLinks)) == 3


async def test_the_answer_does_not_tell_whether_an_address_has_orders(scene: Scene) -> None:
    shoot = await scene.open_gallery()
    await shoot.order("1.jpg")

    began = perf_counter()
    unknown = await _ask(shoot, "nobody@example.com")
    took = perf_counter() - began
    known = await _ask(shoot, "anna@example.com")

    assert (known.status, known.body) == (unknown.status, unknown.body)
    assert took >= 0.1
    assert await scene.gateway.db.pool.fetchval("SELECT count(*) FROM link_mail WHERE gallery_id = $1", shoot.id) == 1
