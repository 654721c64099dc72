"""What each service says when it has removed its part of a deleted gallery; of that, certificates are made (rule 9)."""

from typing import ClassVar
from uuid import UUID

from contracts.base import Event


class GalleryErased(Event):
    """A service has nothing of a deleted gallery any more. Names nobody.

    `deleted_id` is the gallery's; it is not called `gallery_id`, because messages about deleted galleries are dropped.
    """

    deleted_id: UUID
    counts: dict[str, int]
    """How many of what was removed, by name."""

    @property
    def service(self) -> str:
        """Whose part it is."""
        return self.topic.split(".")[0]


class OrdersErased(GalleryErased):
    """Orders with their clients are gone; of payments, the money stays."""

    topic: ClassVar[str] = "orders.gallery_erased.v1"


class TransfersErased(GalleryErased):
    """Every file is gone from the object store: originals and previews of both tabs."""

    topic: ClassVar[str] = "transfers.gallery_erased.v1"


class EntitlementsErased(GalleryErased):
    """Who might download what is gone."""

    topic: ClassVar[str] = "entitlements.gallery_erased.v1"


class NotifierErased(GalleryErased):
    """Clients, their addresses and the record of their mails are gone."""

    topic: ClassVar[str] = "notifier.gallery_erased.v1"
