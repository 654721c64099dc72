"""Stories of a gallery: what may happen in it, and the messages that tell so, in any order and any number."""

from datetime import UTC, datetime, timedelta
from typing import NamedTuple
from uuid import UUID, uuid5

from hypothesis import strategies as st

from contracts.base import Message
from contracts.names import match_key
from contracts.orders import ClientErased, OrderCancelled, OrderLine, OrderPaid, OrderRefunded, OrderStatus
from contracts.transfers import PhotoUploaded, TransferUploaded
from tests.entitlements.making import confirm, proof, removed, take_back, uploaded, withdrawn
from tests.making import order

PHOTOS = ("a.jpg", "Anna Nowak.jpg", "Ana Nowak.jpg")
FINALS = ("A.JPG", "a-Edit.jpg", "Anna Nowak.jpg", "Ana Nowak_1.jpg")
ORDER_EVENTS = {
    OrderStatus.PAID: OrderPaid,
    OrderStatus.REFUNDED: OrderRefunded,
    OrderStatus.CANCELLED: OrderCancelled,
}
FATES = ("paid", "paid refunded", "paid cancelled", "cancelled", "paid erased", "paid erased refunded")
MORNING = datetime(2026, 6, 1, 8, tzinfo=UTC)


class Happening(NamedTuple):
    """Something that happened to `subject`; `detail` depends on `what`. Names stand for ids."""

    what: str
    subject: str
    detail: tuple[str, ...] = ()
    at: int = 0


class Story(NamedTuple):
    """What happened, as it happened, and as it was delivered."""

    happened: list[Happening]
    delivered: list[Happening]


@st.composite
def stories(draw: st.DrawFn) -> Story:
    """A story in which every message is delivered at least once, in any order."""
    happened = [happening for part in (_orders, _photos, _finals, _commands) for happening in draw(part())]
    repeated = draw(st.lists(st.sampled_from(happened), max_size=4)) if happened else []
    return Story(happened, draw(st.permutations(happened + repeated)))


def message(gallery: UUID, happening: Happening) -> Message:
    """How a happening is told in this gallery; told again, it is the same message. One request has caused all."""
    told = _message(gallery, happening)
    return told.model_copy(update={"message_id": uuid5(gallery, repr(happening)), "correlation_id": gallery})


def names(gallery: UUID, story: Story) -> dict[UUID, str]:
    """What the ids of a story stand for in this gallery."""
    return {
        uuid5(gallery, name): name
        for name in (*(one.subject for one in story.happened), *map("photo {}".format, PHOTOS))
    }


@st.composite
def _orders(draw: st.DrawFn) -> list[Happening]:
    happened = []
    for number in range(draw(st.integers(0, 2))):
        lines = tuple(draw(st.lists(st.sampled_from(PHOTOS), min_size=1, unique=True)))
        fate = draw(
            st.sampled_from(
                ["paid", "paid refunded", "paid cancelled", "cancelled", "paid erased", "paid erased refunded"]
            )
        )
        for revision, status in enumerate(fate.split(), 2):
            happened.append(Happening(status, f"order {number}", lines, revision))
    return happened


@st.composite
def _photos(draw: st.DrawFn) -> list[Happening]:
    happened = []
    for name in PHOTOS:
        for fate in draw(st.sampled_from(["", "taken", "taken withdrawn", "taken withdrawn again"])).split():
            photo = f"photo {name}" + (" again" if fate == "again" else "")
            happened.append(Happening("withdrawn" if fate == "withdrawn" else "taken", photo, (name,)))
    return happened


@st.composite
def _finals(draw: st.DrawFn) -> list[Happening]:
    happened = []
    for name in FINALS:
        for fate in draw(st.sampled_from(["", "1", "1 2", "1 removed", "1 2 removed again"])).split():
            final = f"final {name}" + (" again" if fate == "again" else "")
            what = "removed" if fate == "removed" else "uploaded"
            happened.append(Happening(what, final, (name,), int(fate) if fate.isdigit() else 1))
    return happened


@st.composite
def _commands(draw: st.DrawFn) -> list[Happening]:
    photos = st.sampled_from([*PHOTOS, None])
    said = draw(st.lists(st.tuples(st.sampled_from(FINALS), photos), max_size=3))
    return [
        Happening("confirmed" if photo else "taken back", f"final {final}", (final, photo or ""), minute)
        for minute, (final, photo) in enumerate(said)
    ]


def _message(gallery: UUID, happening: Happening) -> Message:
    what, subject, detail, at = happening
    if what in (*ORDER_EVENTS, "erased"):
        return _order_event(gallery, happening)
    if what in ("taken", "withdrawn"):
        photo = _proof(gallery, subject, detail[0])
        return photo if what == "taken" else withdrawn(photo)
    final = uploaded(gallery, detail[0], id=uuid5(gallery, subject), version=max(at, 1))
    if what in ("uploaded", "removed"):
        return final if what == "uploaded" else removed(final)
    return _command(gallery, final, detail[1], MORNING + timedelta(minutes=at))


def _order_event(gallery: UUID, happening: Happening) -> Message:
    what, subject, photos, revision = happening
    lines = tuple(
        OrderLine(photo_id=uuid5(gallery, f"photo {name}"), filename=name, match_key=match_key(name)) for name in photos
    )
    status = OrderStatus.PAID if what == "erased" else OrderStatus(what)
    told = order(gallery_id=gallery, id=uuid5(gallery, subject), lines=lines, status=status, revision=revision)
    return ClientErased(order=told.without_client()) if what == "erased" else ORDER_EVENTS[status](order=told)


def _command(gallery: UUID, final: TransferUploaded, photo: str, at: datetime) -> Message:
    if not photo:
        return take_back(final, occurred_at=at)
    return confirm(final, _proof(gallery, f"photo {photo}", photo), occurred_at=at)


def _proof(gallery: UUID, subject: str, filename: str) -> PhotoUploaded:
    return proof(gallery, filename, id=uuid5(gallery, subject))
