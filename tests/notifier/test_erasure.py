"""A client whose data is erased is not written to any more, and is named nowhere here."""

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chassis.db import Database
from contracts.base import Message, uuid7
from contracts.notifier import MailState, ReminderKind, SendAgain, SendLinks
from contracts.orders import ClientErased, GalleryOpened, Order, OrderPaid
from services.notifier import mails
from services.notifier.mails import Outcome
from tests.making import gallery
from tests.notifier.telling import anew, client, due, mails_of, paid, pressed, ready, remind, states_told, tell


def erased(of: Order) -> ClientErased:
    return ClientErased(order=of.without_client().model_copy(update={"revision": of.revision + 1}))


def links(of: Order, *others: Order) -> SendLinks:
    return SendLinks(gallery_id=of.gallery_id, email=of.client.email, order_ids=tuple(one.id for one in (of, *others)))


async def named(db: Database) -> list[str]:
    """The tables that have something of Anna."""
    tables = await db.pool.fetch("SELECT table_name FROM information_schema.tables WHERE table_schema = 'notifier'")
    return [
        name
        for (name,) in tables
        if await db.pool.fetchval(f"SELECT EXISTS (SELECT FROM {name} one WHERE one::text ~* 'anna')")  # noqa: S608
    ]


async def test_a_queued_mail_is_withdrawn_and_one_wanted_on_purpose_too(db: Database) -> None:
    ordered = await due(db)
    await tell(db, SendAgain(order_id=ordered.id, gallery_id=ordered.gallery_id), erased(ordered))
    await tell(db, SendAgain(order_id=ordered.id, gallery_id=ordered.gallery_id))

    assert await mails_of(db, ordered) == []
    assert (await states_told(db, ordered))[-1] == "none"


async def test_a_mail_of_links_goes_without_the_erased_order_and_not_at_all_when_no_other_is_left(db: Database) -> None:
    shoot = gallery()
    gone, stays, late = [paid(shoot, client=client(f"{name}@example.com")) for name in ("gone", "stays", "late")]
    orders = (OrderPaid(order=one) for one in (gone, stays, late))
    await tell(db, GalleryOpened(gallery=shoot), *orders, links(gone), links(stays, gone), erased(gone))
    await tell(db, erased(late), links(late), links(stays, late))

    rows = await db.pool.fetch("SELECT email, order_ids FROM mail ORDER BY changed_at")
    assert [tuple(row) for row in rows] == [("stays@example.com", [stays.id])] * 2


async def test_what_the_mail_server_says_after_the_erasure_is_not_kept(db: Database) -> None:
    ordered = await due(db)
    async with db.transaction() as tx:
        sender = await mails.sign_on(tx)
        mail = await mails.claim(tx, sender)
    assert mail
    await tell(db, erased(ordered))
    async with db.transaction() as tx:
        finished = await mails.finish(tx, mail, sender, Outcome(MailState.FAILED, "550 anna@example.com is unknown"))

    assert finished
    assert (finished.state, finished.error) == (MailState.FAILED, None)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
async def test_whatever_comes_when_nobody_is_named_any_more_and_nobody_is_mailed(
    db: Database, data: st.DataObject
) -> None:
    shoot = gallery(auto_notify=True, remind_unpaid_days=1)
    ordered = paid(shoot)
    story: list[Message] = [
        GalleryOpened(gallery=shoot),
        OrderPaid(order=ordered),
        erased(ordered),
        ready(ordered),
        pressed(shoot, ordered),
        links(ordered),
        remind(ReminderKind.UNPAID, shoot, ordered),
        SendAgain(order_id=ordered.id, gallery_id=shoot.id, message_id=uuid7()),
    ]
    deliveries = data.draw(st.permutations([*story, *data.draw(st.lists(st.sampled_from(story), max_size=5))]))
    await tell(db, *(anew(message) if data.draw(st.booleans()) else message for message in deliveries))

    assert await named(db) == []
    assert await db.pool.fetchval("SELECT count(*) FROM mail WHERE gallery_id = $1", shoot.id) == 0
