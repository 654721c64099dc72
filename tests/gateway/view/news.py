"""All that the other services may tell about one gallery: any of it, in any number, of any time."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import NamedTuple
from uuid import UUID

from hypothesis import strategies as st

from contracts.base import Event, uuid7
from contracts.entitlements import (
    EntitlementsGranted,
    EntitlementsRevoked,
    Grant,
    OrderNotReady,
    OrderReady,
    Suggestion,
    TransferMatched,
)
from contracts.notifier import (
    MailState,
    Notification,
    NotificationProgressed,
    Reminder,
    ReminderKind,
    ReminderProgressed,
)
from contracts.orders import (
    ClientCorrected,
    ClientErased,
    CommandRefused,
    Gallery,
    GalleryChanged,
    GalleryDeleted,
    GalleryOpened,
    LinkRotated,
    Order,
    OrderCancelled,
    OrderEvent,
    OrderPaid,
    OrderPlaced,
    OrderRefunded,
    OrderUnchanged,
    PhotoWithdrawn,
)
from contracts.transfers import PhotoUploaded, Tab, TransferRemoved, TransferUploaded, UploadRejected
from tests.gateway.links.scene import EVENTS, MAILS, REMINDERS
from tests.gateway.making import photo_uploaded, transfer_uploaded
from tests.making import ANNA, gallery, order, settings

NAMES = ("a.jpg", "b.jpg")
LIVES = (
    (OrderPlaced, OrderPaid),
    (OrderPlaced, LinkRotated, OrderPaid, ClientCorrected, LinkRotated),
    (OrderPlaced, OrderPaid, ClientCorrected, OrderRefunded),
    (OrderPlaced, OrderPaid, OrderCancelled, LinkRotated),
    (OrderPlaced, ClientCorrected, OrderCancelled),
    (OrderPlaced, OrderPaid, ClientCorrected, ClientErased, OrderRefunded),
    (OrderPlaced, OrderCancelled, ClientErased),
)
ERASED = tuple(life for life in LIVES if ClientErased in life)
STATUSES = {kind: status for status, kind in EVENTS.items()}
MOMENTS = st.integers(0, 99).map(lambda minute: datetime(2026, 6, 1, 8, tzinfo=UTC) + timedelta(minutes=minute))


class News(NamedTuple):
    """What happened in a gallery; `deliveries` are the same events in another order, some of them several times."""

    gallery_id: UUID
    request_id: UUID
    """A write that two of the events answer."""
    events: list[Event]
    deliveries: list[Event]

    def __repr__(self) -> str:
        return "\n".join(f"{type(event).__name__} of {event.occurred_at:%H:%M}" for event in self.deliveries)

    @property
    def upload_ids(self) -> list[UUID]:
        """The slots that files came through."""
        photos = [event.photo.upload_id for event in self.events if isinstance(event, PhotoUploaded)]
        finals = [event.transfer.upload_id for event in self.events if isinstance(event, TransferUploaded)]
        return [*photos, *finals, *(event.upload_id for event in self.events if isinstance(event, UploadRejected))]


@st.composite
def news(draw: st.DrawFn, lives: Sequence[tuple[type[OrderEvent], ...]] = LIVES) -> News:
    """Of a gallery with two photos, their finals and one or two orders."""
    shoot, request_id = gallery(), uuid7()
    photos = {name: uuid7() for name in NAMES}
    finals = {name: uuid7() for name in NAMES}
    orders = [order(*NAMES, gallery_id=shoot.id, number=number) for number in range(1, draw(st.integers(2, 3)))]
    events: list[Event] = [
        *draw(_of_gallery(shoot)),
        *draw(_of_photos(shoot.id, photos)),
        *draw(_of_finals(shoot.id, photos, finals)),
        *draw(_of_rights(shoot.id, orders, list(finals.values()))),
        *_answers(orders[0], request_id),
    ]
    for one in orders:
        events += [*_of_order(one, draw(st.sampled_from(lives))), *draw(_of_mail(one)), *draw(_of_reminders(one))]
    events = [event.model_copy(update={"occurred_at": draw(MOMENTS)}) for event in events]
    repeated = draw(st.lists(st.sampled_from(events), max_size=6))
    return News(shoot.id, request_id, events, draw(st.permutations([*events, *repeated])))


@st.composite
def _of_gallery(draw: st.DrawFn, shoot: Gallery) -> list[Event]:
    changed = [
        shoot.model_copy(update={"settings": settings(download_policy=policy), "revision": revision})
        for revision, policy in enumerate(draw(st.lists(st.sampled_from(["none", "anyone"]), max_size=2)), 2)
    ]
    deleted = [GalleryDeleted(gallery_id=shoot.id)] if draw(st.integers(0, 9)) == 9 else []
    return [GalleryOpened(gallery=shoot), *(GalleryChanged(gallery=each) for each in changed), *deleted]


@st.composite
def _of_photos(draw: st.DrawFn, gallery_id: UUID, photos: dict[str, UUID]) -> list[Event]:
    events: list[Event] = [photo_uploaded(str(gallery_id), name, id=photo_id) for name, photo_id in photos.items()]
    withdrawn = draw(st.sets(st.sampled_from(sorted(photos))))
    events += [PhotoWithdrawn(photo_id=photos[name], gallery_id=gallery_id) for name in withdrawn]
    rejected = UploadRejected(
        upload_id=uuid7(), gallery_id=gallery_id, tab=Tab.PHOTOS, filename="c.jpg", code="empty", reason="It is empty."
    )
    return [*events, rejected]


@st.composite
def _of_finals(draw: st.DrawFn, gallery_id: UUID, photos: dict[str, UUID], finals: dict[str, UUID]) -> list[Event]:
    events: list[Event] = []
    for name, final_id in finals.items():
        versions = range(1, draw(st.sampled_from([3, 4, 2, 1])))
        events += [transfer_uploaded(str(gallery_id), name, id=final_id, version=version) for version in versions]
        events += [TransferRemoved(transfer_id=final_id, gallery_id=gallery_id)] * draw(st.booleans())
        for revision, photo in enumerate(draw(st.lists(st.sampled_from([*photos, None]), max_size=3)), 1):
            suggestion = Suggestion(photo_id=photos["a.jpg"], filename="a.jpg", score=90)
            match = {"photo_id": photos[photo]} if photo else {"photo_id": None, "suggestions": (suggestion,)}
            about = {"transfer_id": final_id, "gallery_id": gallery_id, "by_hand": revision > 1}
            events.append(TransferMatched(**about, **match, revision=revision))
    return events


@st.composite
def _of_rights(draw: st.DrawFn, gallery_id: UUID, orders: list[Order], finals: list[UUID]) -> list[Event]:
    kinds = st.sampled_from([EntitlementsGranted, EntitlementsRevoked, OrderReady, OrderNotReady])
    grants = [
        Grant(order_id=one.id, photo_id=line.photo_id, transfer_id=final)
        for one in orders
        for line, final in zip(one.lines, finals, strict=True)
    ]
    events: list[Event] = []
    for revision, kind in enumerate(draw(st.lists(kinds, min_size=2, max_size=8)), 1):
        about = {"gallery_id": gallery_id, "revision": revision}
        if kind in (OrderReady, OrderNotReady):
            one = draw(st.sampled_from(orders))
            theirs = tuple(grant for grant in grants if grant.order_id == one.id)
            events.append(kind(**about, order_id=one.id, grants=theirs))
        else:
            events.append(kind(**about, grants=tuple(draw(st.lists(st.sampled_from(grants), min_size=1, unique=True)))))
    return events


def _of_order(placed: Order, life: Iterable[type[OrderEvent]]) -> list[Event]:
    events: list[Event] = []
    one = placed
    for revision, kind in enumerate(life, 1):
        changes = {"revision": revision, "status": STATUSES.get(kind, one.status)}
        if kind is LinkRotated:
            changes["link_rotation"] = one.link_rotation + 1
        if kind is ClientCorrected:
            changes["client"] = ANNA.model_copy(update={"email": "right@example.com"})
        if kind is ClientErased:
            changes["client"] = one.client.erase()
        one = one.model_copy(update=changes)
        events.append(kind(order=one))
    return events


@st.composite
def _of_mail(draw: st.DrawFn, one: Order) -> list[Event]:
    states = draw(st.lists(st.sampled_from(list(MailState)), min_size=1, max_size=6))
    revisions = count(1)
    mails = [
        Notification(
            order_id=one.id,
            gallery_id=one.gallery_id,
            state=state,
            attempt=1,
            changed_at=draw(MOMENTS),
            error=f"550 {ANNA.email} no" if state in (MailState.FAILED, MailState.UNKNOWN) else None,
            revision=next(revisions),
        )
        for state in states
    ]
    return [MAILS.get(mail.state, NotificationProgressed)(notification=mail) for mail in mails]


@st.composite
def _of_reminders(draw: st.DrawFn, one: Order) -> list[Event]:
    kinds, states = st.sampled_from(list(ReminderKind)), st.sampled_from(list(MailState))
    drawn = draw(st.lists(st.tuples(kinds, states), max_size=4))
    reminders = [
        Reminder(
            order_id=one.id,
            gallery_id=one.gallery_id,
            kind=kind,
            state=state,
            changed_at=draw(MOMENTS),
            error="550 no" if state in (MailState.FAILED, MailState.UNKNOWN) else None,
            revision=revision,
        )
        for revision, (kind, state) in enumerate(drawn, 1)
    ]
    return [REMINDERS.get(reminder.state, ReminderProgressed)(reminder=reminder) for reminder in reminders]


def _answers(of: Order, request_id: UUID) -> list[Event]:
    refused = {"status": 409, "code": "already", "detail": "It is already.", "subject_id": uuid7()}
    answers = (
        OrderUnchanged(order=of),
        CommandRefused(gallery_id=of.gallery_id, **refused),
    )
    return [answer.model_copy(update={"causation_id": request_id}) for answer in answers]
