"""What entitlements keeps of a gallery, and what it has told the others about it."""

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from pydantic import TypeAdapter

from chassis.db import Database
from contracts.base import Message
from contracts.entitlements import (
    EntitlementsGranted,
    EntitlementsRevoked,
    Grant,
    OrderNotReady,
    OrderReady,
    Suggestion,
    TransferMatched,
)
from contracts.topology import MESSAGES

Match = tuple[UUID | None, bool, tuple[Suggestion, ...]]
UNMATCHED: Match = (None, False, ())

_SUGGESTIONS = TypeAdapter(tuple[Suggestion, ...])


@dataclass
class State:
    """Who may download what, which orders are ready, and where each final belongs."""

    grants: set[Grant] = field(default_factory=set)
    ready: set[UUID] = field(default_factory=set)
    matches: dict[UUID, Match] = field(default_factory=dict)


async def kept(db: Database, gallery_id: UUID) -> State:
    """The state in the tables."""
    grants = await db.pool.fetch(
        "SELECT e.* FROM entitlement e JOIN client_order o ON o.id = e.order_id WHERE gallery_id = $1", gallery_id
    )
    ready = await db.pool.fetch("SELECT id FROM client_order WHERE gallery_id = $1 AND ready", gallery_id)
    finals = await db.pool.fetch("SELECT * FROM final WHERE gallery_id = $1", gallery_id)
    return State(
        {Grant(**row) for row in grants},
        {row["id"] for row in ready},
        {
            row["id"]: (row["photo_id"], row["by_hand"], _SUGGESTIONS.validate_json(row["suggestions"]))
            for row in finals
        },
    )


async def told(db: Database, gallery_id: UUID) -> State:
    """The state that a neighbour has put together from the events: of each fact, the highest revision."""
    rows = await db.pool.fetch("SELECT topic, payload FROM outbox WHERE gallery_id = $1", gallery_id)
    newest: dict[Any, tuple[int, Any]] = {}
    for row in rows:
        for subject, revision, value in _said(MESSAGES[row["topic"]].model_validate_json(row["payload"])):
            assert newest.get(subject, (0,))[0] != revision, f"{subject} is told twice in one revision"
            newest[subject] = max(newest.get(subject, (0, None)), (revision, value), key=lambda said: said[0])
    return State(
        {subject for subject, (_, value) in newest.items() if isinstance(subject, Grant) and value},
        {id_ for (id_, what), (_, value) in _ids(newest) if what == "ready" and value},
        {id_: value for (id_, what), (_, value) in _ids(newest) if what == "match"},
    )


def _ids(newest: dict[Any, tuple[int, Any]]) -> list[tuple[Any, tuple[int, Any]]]:
    return [(subject, said) for subject, said in newest.items() if isinstance(subject, tuple)]


def _said(message: Message) -> list[tuple[Any, int, Any]]:
    """(subject, revision, value) of each fact in an event."""
    match message:
        case EntitlementsGranted() | EntitlementsRevoked():
            granted = isinstance(message, EntitlementsGranted)
            return [(grant, message.revision, granted) for grant in message.grants]
        case OrderReady() | OrderNotReady():
            return [((message.order_id, "ready"), message.revision, isinstance(message, OrderReady))]
        case TransferMatched():
            match_ = (message.photo_id, message.by_hand, message.suggestions)
            return [((message.transfer_id, "match"), message.revision, match_)]
    raise AssertionError(f"entitlements does not tell {message.topic}")
