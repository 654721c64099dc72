"""Messages of the entitlements service: which order may download which final.

`revision` comes from one sequence, taken under the gallery's lock: of two messages about one thing, the higher is the
newer.
"""

from typing import ClassVar
from uuid import UUID

from pydantic import Field

from contracts.base import MOST, Command, Event, Frozen
from contracts.names import KnownFilename, MatchKey


class ConfirmMatch(Command):
    """The photographer says that this final, and later ones of its name, belong to this photo."""

    topic: ClassVar[str] = "entitlements.confirm_match.v1"

    transfer_id: UUID
    gallery_id: UUID
    transfer_key: MatchKey
    photo_id: UUID
    photo_key: MatchKey


class WithdrawMatch(Command):
    """The photographer takes a confirmed match back."""

    topic: ClassVar[str] = "entitlements.withdraw_match.v1"

    transfer_id: UUID
    gallery_id: UUID
    transfer_key: MatchKey


class Suggestion(Frozen):
    """A photo that an unmatched final may belong to; `score` is 0 (nothing alike) to 100."""

    photo_id: UUID
    filename: KnownFilename
    score: float


class TransferMatched(Event):
    """To which photo a final belongs now: `photo_id`, or none, and then `suggestions`, best first."""

    topic: ClassVar[str] = "entitlements.transfer_matched.v1"

    transfer_id: UUID
    gallery_id: UUID
    photo_id: UUID | None
    by_hand: bool
    suggestions: tuple[Suggestion, ...] = ()
    revision: int


class Grant(Frozen):
    """This order may download this final, because it ordered this photo."""

    order_id: UUID
    photo_id: UUID
    transfer_id: UUID


class EntitlementsGranted(Event):
    """These orders may download these finals (S2, S3)."""

    topic: ClassVar[str] = "entitlements.entitlements_granted.v1"

    gallery_id: UUID
    grants: tuple[Grant, ...] = Field(max_length=MOST)
    revision: int


class EntitlementsRevoked(Event):
    """These orders may no longer download these finals."""

    topic: ClassVar[str] = "entitlements.entitlements_revoked.v1"

    gallery_id: UUID
    grants: tuple[Grant, ...] = Field(max_length=MOST)
    revision: int


class OrderReady(Event):
    """Every line of a paid order has its final. `grants` are all of the order: nobody shall see it ready too soon."""

    topic: ClassVar[str] = "entitlements.order_ready.v1"

    order_id: UUID
    gallery_id: UUID
    grants: tuple[Grant, ...] = ()
    revision: int


class OrderNotReady(Event):
    """An order that was ready no longer is."""

    topic: ClassVar[str] = "entitlements.order_not_ready.v1"

    order_id: UUID
    gallery_id: UUID
    revision: int
