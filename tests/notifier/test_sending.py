"""From the queue to the client's mailbox, through a real mail server (S5, rule 6)."""

import asyncio
from collections import Counter
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest
from prometheus_client import REGISTRY

from chassis.db import Database
from chassis.links import client_url
from contracts.base import uuid7
from contracts.notifier import SendAgain, SendLinks
from contracts.orders import (
    ClientCorrected,
    GalleryDeleted,
    GalleryOpened,
    LinkRotated,
    Order,
    OrderPaid,
    OrderRefunded,
    OrderStatus,
)
from deploy.local.servers import MailCatcher
from tests.infra import Servers
from tests.making import gallery
from tests.notifier.post_office import HANG_UP, SILENCE, PostOffice
from tests.notifier.posting import PUBLIC_URL, SECRET, Mailbox, cut_senders_off, sending, until_done
from tests.notifier.telling import (
    client,
    due,
    known_of,
    mails_of,
    not_ready,
    paid,
    pressed,
    ready,
    states_told,
    tell,
    told,
    unique_address,
)
from tests.waiting import eventually


@pytest.fixture
def mailbox(servers: Servers) -> Mailbox:
    return Mailbox(servers.mail.web_url)


def again(of: Order) -> SendAgain:
    return SendAgain(order_id=of.id, gallery_id=of.gallery_id)


async def due_to(db: Database, address: str, **given: Any) -> Order:
    return await due(db, client=client(address), **given)


async def many_due(db: Database, addresses: list[str]) -> list[Order]:
    """A gallery with an order for each of these addresses, whose clients are to be mailed now."""
    shoot = gallery()
    orders = [paid(shoot, client=client(address)) for address in addresses]
    await tell(db, GalleryOpened(gallery=shoot), *(OrderPaid(order=one) for one in orders), *map(ready, orders))
    await tell(db, pressed(shoot, *orders))
    return orders


async def send_all(db: Database, smtp_url: str, **given: Any) -> None:
    async with sending(db, smtp_url, **given):
        await until_done(db)


async def test_a_client_gets_one_mail_with_the_personal_link(db: Database, servers: Servers, mailbox: Mailbox) -> None:
    address = unique_address()
    ordered = await due_to(db, address)
    await send_all(db, servers.mail.url)

    (mail,) = await mailbox.to(address)
    assert client_url(PUBLIC_URL, SECRET, ordered.id, rotation=0) in mail["text"]
    assert mail["message_id"] == f"<{ordered.id}.1@localhost>"
    assert mail["from"] == "Studio Żółw <photoferry@localhost>"
    assert await mails_of(db, ordered) == [(1, "sent")]
    assert await states_told(db, ordered) == ["queued", "sending", "sent"]


async def test_pressing_again_while_the_first_press_is_at_work_mails_nobody_twice(
    db: Database, servers: Servers, mailbox: Mailbox
) -> None:
    shoot = gallery()
    addresses = [unique_address() for _ in range(20)]
    orders = [paid(shoot, client=client(address)) for address in addresses]
    await tell(db, GalleryOpened(gallery=shoot), *(OrderPaid(order=one) for one in orders), *map(ready, orders))
    async with sending(db, servers.mail.url):
        await tell(db, pressed(shoot, *orders))
        await asyncio.gather(*(tell(db, pressed(shoot, *orders)) for _ in range(10)))
        await until_done(db)

    received = Counter(recipient for mail in await mailbox.list() for recipient in mail["recipients"])
    assert [received[address] for address in addresses] == [1] * 20


async def test_several_senders_at_once_send_each_mail_once(db: Database) -> None:
    await many_due(db, [f"c{number}@example.com" for number in range(100)])
    async with PostOffice() as office, AsyncExitStack() as copies:
        for _ in range(4):
            await copies.enter_async_context(sending(db, office.url))
        await until_done(db)

        received = Counter(command for command in office.commands if command.startswith("RCPT"))
        assert received == {f"RCPT TO:<c{number}@example.com>": 1 for number in range(100)}
        assert office.connections <= 4


async def test_later_means_later_until_it_works(db: Database, servers: Servers, mailbox: Mailbox) -> None:
    address = unique_address("defer-451x2")
    ordered = await due_to(db, address)
    await send_all(db, servers.mail.url)

    assert len(await mailbox.to(address)) == 1
    assert await states_told(db, ordered) == ["queued", *["sending", "queued"] * 2, "sending", "sent"]
    assert "451" in ((await told(db, ordered))[2].error or "")


async def test_waits_between_tries_grow_and_after_a_day_the_mail_has_failed(db: Database) -> None:
    ordered = await due(db)
    waits = []
    async with PostOffice({"RCPT": "450 greylisted"}) as office, sending(db, office.url, mail_retries=(1, 10, 60, 600)):
        for tries in range(1, 7):
            await eventually(lambda tries=tries: has_tried(db, tries))  # type: ignore[misc]  # mypy wants no default here
            waits.append(await db.pool.fetchval("SELECT extract(epoch FROM due_at - changed_at)::int FROM mail"))
            if tries == 5:
                await db.pool.execute("UPDATE mail SET first_tried_at = now() - interval '1 day'")
            await db.pool.execute("UPDATE mail SET due_at = now()")
        await until_done(db)

    assert waits[:5] == [1, 10, 60, 600, 600]
    assert await mails_of(db, ordered) == [(1, "failed")]
    assert (await told(db, ordered))[-1].error == "450 greylisted"


async def has_tried(db: Database, times: int) -> bool:
    return bool(await db.pool.fetchval("SELECT tries = $1 AND state <> 'sending' FROM mail", times))


async def test_never_is_final_and_says_why(db: Database, servers: Servers) -> None:
    address = unique_address("reject-550")
    ordered = await due_to(db, address)
    await send_all(db, servers.mail.url)

    assert await states_told(db, ordered) == ["queued", "sending", "failed"]
    assert (await told(db, ordered))[-1].error == f"550 {address} asked to be answered so"


async def test_a_connection_lost_after_the_content_leaves_it_unknown_and_it_is_never_sent_again_by_itself(
    db: Database, servers: Servers, mailbox: Mailbox
) -> None:
    address = unique_address("hangup")
    ordered = await due_to(db, address)
    other = unique_address()
    async with sending(db, servers.mail.url):
        await until_done(db)
        await tell(db, ready(ordered, 2), not_ready(ordered, 3), ready(ordered, 4))
        await due_to(db, other)
        await until_done(db)

    assert len(await mailbox.to(address)) == 1
    assert len(await mailbox.to(other)) == 1
    assert await mails_of(db, ordered) == [(1, "unknown")]
    assert await states_told(db, ordered) == ["queued", "sending", "unknown"]


async def test_send_again_sends_what_was_unknown_once_more_to_the_address_of_now(
    db: Database, servers: Servers, mailbox: Mailbox
) -> None:
    ordered = await due_to(db, unique_address("hangup"))
    await send_all(db, servers.mail.url)
    right = unique_address()
    corrected = ordered.model_copy(update={"revision": 3, "client": client(right)})
    await tell(db, ClientCorrected(order=corrected), again(ordered))
    await send_all(db, servers.mail.url)

    (mail,) = await mailbox.to(right)
    assert mail["message_id"] == f"<{ordered.id}.2@localhost>"
    assert await mails_of(db, ordered) == [(1, "unknown"), (2, "sent")]


async def test_a_mail_goes_to_the_address_and_with_the_link_of_the_moment_it_is_sent(
    db: Database, servers: Servers, mailbox: Mailbox
) -> None:
    wrong, right = unique_address("wrong"), unique_address("right")
    ordered = await due_to(db, wrong)
    corrected = ordered.model_copy(update={"revision": 3, "client": client(right)})
    rotated = corrected.model_copy(update={"revision": 4, "link_rotation": 1})
    await tell(db, ClientCorrected(order=corrected), LinkRotated(order=rotated))
    await send_all(db, servers.mail.url)

    (mail,) = await mailbox.to(right)
    assert client_url(PUBLIC_URL, SECRET, ordered.id, rotation=1) in mail["text"]
    assert await mailbox.to(wrong) == []


async def test_one_connection_carries_many_mails(db: Database) -> None:
    await many_due(db, [f"c{number}@example.com" for number in range(100)])
    async with PostOffice() as office, sending(db, office.url):
        await until_done(db)

        assert (office.connections, len(office.letters)) == (1, 100)


async def test_a_thousand_mails_reach_a_thousand_clients_once(db: Database, tmp_path: Path) -> None:
    addresses = [f"c{number}@example.com" for number in range(1_000)]
    await many_due(db, addresses)
    async with MailCatcher(tmp_path) as catcher:
        await send_all(db, catcher.url)
        caught = await Mailbox(catcher.web_url).list()

    assert Counter(recipient for mail in caught for recipient in mail["recipients"]) == dict.fromkeys(addresses, 1)


async def test_one_bad_mail_holds_up_no_other(db: Database) -> None:
    bad = [client("nobody@example.com"), client("żaneta@example.com")]
    orders = [await due(db, client=one) for one in [*bad, client("anna@example.com")]]
    await db.pool.execute("UPDATE client_order SET client_email = 'no address' WHERE client_email LIKE 'nobody%'")
    async with PostOffice() as office:
        await send_all(db, office.url)
        assert len(office.letters) == 1

    assert [await mails_of(db, one) for one in orders] == [[(1, "failed")], [(1, "failed")], [(1, "sent")]]


async def test_what_somebody_waits_for_goes_before_what_was_queued_in_bulk(db: Database) -> None:
    orders = await many_due(db, [f"c{number}@example.com" for number in range(50)])
    await tell(db, again(orders[49]))
    async with PostOffice() as office:
        await send_all(db, office.url)
        recipients = [command for command in office.commands if command.startswith("RCPT")]

    assert recipients[0] == "RCPT TO:<c49@example.com>"


async def test_while_the_mail_server_is_down_mails_wait_and_then_all_go_out(db: Database) -> None:
    async with PostOffice() as office:
        url = office.url
    ordered = await due(db)
    async with sending(db, url) as loop:

        async def has_tried() -> bool:
            return loop._connects_failed > 2

        await eventually(has_tried)
        assert await states_told(db, ordered) == ["queued"]

        async with PostOffice(port=int(url.rpartition(":")[2])) as office:
            await until_done(db)
            assert len(office.letters) == 1


async def test_a_server_that_is_back_is_seen_although_another_copy_has_sent_what_was_due(db: Database) -> None:
    def down() -> float | None:
        return REGISTRY.get_sample_value("photoferry_mail_server_down")

    async def is_seen() -> bool:
        return down() == 0

    async with PostOffice() as office:
        url = office.url
    await due(db)
    async with sending(db, url) as loop:

        async def has_tried() -> bool:
            return loop._connects_failed > 2

        await eventually(has_tried)
        assert down() == 1
        await db.pool.execute("DELETE FROM mail")
        async with PostOffice(port=int(url.rpartition(":")[2])):
            await eventually(is_seen)


async def test_a_server_that_is_silent_after_the_content_leaves_the_mail_unknown(db: Database) -> None:
    ordered = await due(db)
    async with PostOffice({"CONTENT": SILENCE}) as office:
        await send_all(db, office.url, smtp_answer_timeout=0.1)
        assert len(office.letters) == 1

    assert await mails_of(db, ordered) == [(1, "unknown")]


async def test_a_connection_lost_before_the_content_is_tried_again(db: Database) -> None:
    ordered = await due(db)
    async with PostOffice({"DATA": HANG_UP}) as office, sending(db, office.url):
        await office.until("DATA", times=2)
        office.script = {}
        await until_done(db)
        assert len(office.letters) == 1

    assert (await states_told(db, ordered))[-1] == "sent"


async def test_the_mail_that_a_living_sender_has_in_hand_is_nobody_elses(db: Database) -> None:
    ordered = await due(db)
    async with PostOffice({"CONTENT": SILENCE}) as office, sending(db, office.url):
        await office.until("CONTENT")
        other = await due(db)
        async with PostOffice() as second, sending(db, second.url):
            await eventually(lambda: _is(db, other, "sent"))

        assert await mails_of(db, ordered) == [(1, "sending")]
        office.answer_all("250 taken")
        await until_done(db)
    assert await mails_of(db, ordered) == [(1, "sent")]


async def _is(db: Database, of: Order, state: str) -> bool:
    return (await mails_of(db, of))[-1][1] == state


async def test_the_mail_of_a_sender_that_lost_its_session_is_unknown_and_stays_so(db: Database) -> None:
    ordered = await due(db)
    async with PostOffice({"CONTENT": SILENCE}) as office, sending(db, office.url):
        await office.until("CONTENT")
        await cut_senders_off(db)
        async with PostOffice() as second, sending(db, second.url):
            await until_done(db)
        assert await mails_of(db, ordered) == [(1, "unknown")]

        office.answer_all("250 taken")
        other = await due(db)
        office.script = {}
        await eventually(lambda: _is(db, other, "sent"))
    assert await mails_of(db, ordered) == [(1, "unknown")]


async def test_a_sender_that_is_stopped_finishes_the_mail_in_its_hand(db: Database) -> None:
    ordered = await due(db)
    async with PostOffice({"CONTENT": SILENCE}) as office:
        async with sending(db, office.url):
            await office.until("CONTENT")
            asyncio.get_running_loop().call_later(0.1, office.answer_all, "250 taken")
        assert await mails_of(db, ordered) == [(1, "sent")]


async def test_an_order_that_ended_while_its_mail_was_deferred_is_not_mailed(db: Database) -> None:
    ordered = await due(db)
    async with PostOffice({"RCPT": SILENCE}) as office, sending(db, office.url):
        await office.until("RCPT")
        ended = ordered.model_copy(update={"status": OrderStatus.REFUNDED, "revision": 3})
        await tell(db, OrderRefunded(order=ended))
        office.script = {}
        office.answer_all("451 later")
        await until_done(db)
        assert office.letters == []

    assert await mails_of(db, ordered) == []
    assert (await states_told(db, ordered))[-1] == "none"


async def test_a_deleted_gallerys_mails_are_not_sent_and_what_was_in_hand_leaves_nothing(db: Database) -> None:
    ordered, queued = await due(db), await due(db)
    async with PostOffice({"CONTENT": SILENCE}) as office, sending(db, office.url):
        await office.until("CONTENT")
        for one in (ordered, queued):
            await tell(db, GalleryDeleted(gallery_id=one.gallery_id))
        office.script = {}
        office.answer_all("250 taken")
        last = await due(db)
        await eventually(lambda: _is(db, last, "sent"))
        assert len(office.letters) == 2

    for one in (ordered, queued):
        assert set((await known_of(db, one.gallery_id)).values()) == {0}


async def test_a_mail_of_links_has_the_links_of_all_orders_and_is_no_notification(
    db: Database, servers: Servers, mailbox: Mailbox
) -> None:
    address = unique_address()
    shoot = gallery()
    orders = [paid(shoot, client=client(address), number=number) for number in (1, 2)]
    command = SendLinks(gallery_id=shoot.id, email=address, order_ids=tuple(one.id for one in orders))
    async with sending(db, servers.mail.url):
        await tell(db, command, GalleryOpened(gallery=shoot), OrderPaid(order=orders[0]))
        await eventually(lambda: _known(db, 1))
        assert await mailbox.to(address) == []  # the other order is not known yet
        await tell(db, OrderPaid(order=orders[1]))
        await until_done(db)
        await tell(db, *map(ready, orders), pressed(shoot, *orders))
        await until_done(db)

    links, *notifications = await mailbox.to(address)
    assert all(client_url(PUBLIC_URL, SECRET, one.id, rotation=0) in links["text"] for one in orders)
    assert len(notifications) == 2
    assert [await states_told(db, one) for one in orders] == [["queued", "sending", "sent"]] * 2


async def _known(db: Database, orders: int) -> bool:
    return bool(await db.pool.fetchval("SELECT count(*) FROM client_order") == orders)


async def test_events_belong_to_the_request_that_wanted_the_mail(db: Database, servers: Servers) -> None:
    shoot = gallery()
    ordered = paid(shoot)
    press = pressed(shoot, ordered).model_copy(update={"correlation_id": uuid7()})
    await tell(db, GalleryOpened(gallery=shoot), OrderPaid(order=ordered), ready(ordered), press)
    await send_all(db, servers.mail.url)

    causes = await db.pool.fetch("SELECT payload->>'correlation_id', payload->>'causation_id' FROM outbox")
    assert [tuple(row) for row in causes] == [(str(press.correlation_id), str(press.message_id))] * 3


async def test_a_personal_link_that_the_server_quotes_is_not_kept(db: Database) -> None:
    ordered = await due(db)
    url = client_url(PUBLIC_URL, SECRET, ordered.id, rotation=0)
    async with PostOffice({"CONTENT": f"554 blocked: {url}"}) as office:
        await send_all(db, office.url)

    assert (await told(db, ordered))[-1].error == f"554 blocked: {PUBLIC_URL}/c/…"
