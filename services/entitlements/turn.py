"""One handling's turn at a gallery: whatever changes one thing brings all that hangs on it up to date."""

from collections.abc import AsyncIterator, Collection, Iterable, Sequence
from contextlib import asynccontextmanager
from typing import TypeVar
from uuid import UUID

from chassis import inbox, outbox
from chassis.db import Database, Tx
from contracts.base import Event, Message, batches, caused_by
from contracts.entitlements import (
    EntitlementsGranted,
    EntitlementsRevoked,
    OrderNotReady,
    OrderReady,
    Suggestion,
    TransferMatched,
)
from services.entitlements import matching, rules, store
from services.entitlements.matching import MovedFinal
from services.entitlements.rules import Candidate

M = TypeVar("M", bound=Message)


@asynccontextmanager
async def take_turn(db: Database, consumer: str, message: Message, gallery_id: UUID) -> AsyncIterator["Turn"]:
    """Handle `message` once, while nothing else about its gallery is handled; at the end, tell what has changed."""
    async with take_turn_for(db, consumer, [message], gallery_id) as (turn, _):
        yield turn


@asynccontextmanager
async def take_turn_for(
    db: Database, consumer: str, messages: Sequence[M], gallery_id: UUID
) -> AsyncIterator[tuple["Turn", list[M]]]:
    """The same for several messages, which must have one correlation: the turn, and those that are left to handle."""
    with caused_by(messages[-1].as_cause):
        async with inbox.once_each(db, consumer, messages) as (tx, fresh):
            turn = Turn(tx, gallery_id, await matching.lock_gallery(tx, gallery_id))
            yield turn, fresh
            await outbox.emit(tx, *turn.events)


class Turn:
    """A transaction that holds the gallery's lock, and the events that it will emit."""

    def __init__(self, tx: Tx, gallery_id: UUID, revision: int) -> None:
        self.tx = tx
        self.gallery_id = gallery_id
        self.revision = revision
        self.events: list[Event] = []

    async def reconcile(self, *, order_id: UUID | None = None, photo_keys: Iterable[str] = ()) -> None:
        """Bring the rights and readiness of an order, or of all lines with these keys, up to date."""
        await self.tell(await matching.reconcile(self.tx, self.gallery_id, order_id, photo_keys))

    async def tell(self, changes: matching.Changes) -> None:
        """Tell which rights and readiness have changed."""
        common = {"gallery_id": self.gallery_id, "revision": self.revision}
        self.events += [EntitlementsRevoked(grants=grants, **common) for grants in batches(changes.revoked)]
        self.events += [EntitlementsGranted(grants=grants, **common) for grants in batches(changes.granted)]
        self.events += [OrderNotReady(order_id=order_id, **common) for order_id in changes.not_ready]
        if changes.ready:
            grants = await matching.grants_of(self.tx, changes.ready)
            self.events += [OrderReady(order_id=one, grants=grants[one], **common) for one in changes.ready]

    async def rematch(self, match_keys: list[str]) -> None:
        """Find out anew where the finals of these names belong."""
        if moved := await matching.rematch(self.tx, self.gallery_id, match_keys):
            await self.settle(moved)

    async def settle(self, moved: list[MovedFinal], left: Iterable[str] = ()) -> None:
        """Tell where finals belong now, and let the orders of their photos follow, and of those that were left."""
        await self.suggest_anew({final.id: final.match_key for final in moved if not final.photo_id})
        for final in moved:
            if final.photo_id:
                self.tell_match(final.id, final.photo_id, final.by_hand)
        await self.reconcile(photo_keys={*left, *(key for final in moved for key in final.photo_keys)})

    async def suggest_anew(self, unmatched: dict[UUID, str]) -> None:
        """Look for photos that these finals (id, key) may belong to, among all of the gallery."""
        await self._suggest({id_: await self._suggestions(key) for id_, key in unmatched.items()})

    async def suggest_others(self, new: list[Candidate], removed: Collection[UUID]) -> None:
        """Let new photos compete with what was suggested for finals until now, where no removed one was."""
        finals = await store.unmatched_finals(self.tx, self.gallery_id)
        misled = {
            final.id: final.match_key
            for final in finals
            if any(suggestion.photo_id in removed for suggestion in final.suggestions)
        }
        await self.suggest_anew(misled)
        suggested = {
            final.id: suggestions
            for final in finals
            if final.id not in misled
            and (suggestions := rules.suggest(final.match_key, new, final.suggestions)) != final.suggestions
        }
        await self._suggest(suggested)

    async def answer(self, transfer_id: UUID, match_key: str) -> None:
        """Say where a final belongs, unless it is just being said: somebody waits for it."""
        if any(isinstance(event, TransferMatched) and event.transfer_id == transfer_id for event in self.events):
            return
        now = await matching.belonging(self.tx, self.gallery_id, transfer_id, match_key)
        self.tell_match(transfer_id, now.photo_id, now.by_hand, now.suggestions)

    async def _suggestions(self, key: str) -> tuple[Suggestion, ...]:
        """A photo that lacks but an ending leaves no need to compare the name with thousands."""
        photos = await store.photos(self.tx, self.gallery_id, rules.stems(key))
        return rules.suggest(key, photos or await store.photos(self.tx, self.gallery_id))

    async def _suggest(self, suggested: dict[UUID, tuple[Suggestion, ...]]) -> None:
        if suggested:
            await store.put_suggestions(self.tx, suggested)
        for transfer_id, suggestions in suggested.items():
            self.tell_match(transfer_id, None, False, suggestions)

    def tell_match(
        self, transfer_id: UUID, photo_id: UUID | None, by_hand: bool, suggestions: tuple[Suggestion, ...] = ()
    ) -> None:
        """Tell to which photo a final belongs."""
        self.events.append(
            TransferMatched(
                transfer_id=transfer_id,
                gallery_id=self.gallery_id,
                photo_id=photo_id,
                by_hand=by_hand,
                suggestions=suggestions,
                revision=self.revision,
            )
        )
