"""A studio's galleries with orders and finals, as the other services tell of them; and people who ask the gateway."""

from dataclasses import dataclass, field
from datetime import datetime
from itertools import count
from typing import Any
from uuid import UUID
from zlib import crc32

from contracts.base import Message, utc_now
from contracts.entitlements import EntitlementsGranted, Grant, OrderNotReady, OrderReady, TransferMatched
from contracts.notifier import (
    ClientNotified,
    ClientReminded,
    MailState,
    Notification,
    NotificationFailed,
    NotificationProgressed,
    Reminder,
    ReminderFailed,
    ReminderKind,
    ReminderProgressed,
)
from contracts.orders import (
    ClientErased,
    LinkRotated,
    Order,
    OrderCancelled,
    OrderEvent,
    OrderPaid,
    OrderPlaced,
    OrderRefunded,
    OrderStatus,
)
from contracts.transfers import Final
from tests import making
from tests.gateway.client import Answer, StudioClient
from tests.gateway.making import transfer_uploaded
from tests.gateway.running import RunningGateway
from tests.outbox import emitted

EVENTS: dict[OrderStatus, type[OrderEvent]] = {
    OrderStatus.PLACED: OrderPlaced,
    OrderStatus.PAID: OrderPaid,
    OrderStatus.REFUNDED: OrderRefunded,
    OrderStatus.CANCELLED: OrderCancelled,
}
MAILS: dict[MailState, type[ClientNotified | NotificationFailed]] = {
    MailState.SENT: ClientNotified,
    MailState.FAILED: NotificationFailed,
    MailState.UNKNOWN: NotificationFailed,
}

REMINDERS: dict[MailState, type[ClientReminded | ReminderFailed]] = {
    MailState.SENT: ClientReminded,
    MailState.FAILED: ReminderFailed,
    MailState.UNKNOWN: ReminderFailed,
}


@dataclass(frozen=True)
class Scene:
    """A studio at the gateway."""

    gateway: RunningGateway
    studio: StudioClient

    async def get(self, path: str, **options: Any) -> Answer:
        """A GET by somebody who has no more than the path."""
        return await self.gateway.client.get(path, **options)

    async def open_gallery(self, **settings: Any) -> "Shoot":
        """A gallery that has just been opened."""
        return Shoot(self, await self.studio.open_gallery(**settings))


@dataclass
class Shoot:
    """One gallery and all that happens in it."""

    scene: Scene
    gallery: dict[str, Any]
    numbers: "count[int]" = field(default_factory=lambda: count(1))
    revisions: "count[int]" = field(default_factory=lambda: count(1))

    @property
    def id(self) -> UUID:
        """Of the gallery."""
        return UUID(self.gallery["id"])

    @property
    def api(self) -> str:
        """Where the studio finds the gallery."""
        return f"/api/v1/galleries/{self.id}"

    @property
    def public_token(self) -> str:
        """Of the public link."""
        return str(self.gallery["public_url"].rpartition("/")[2])

    async def set_policy(self, policy: str) -> None:
        """Change the download setting."""
        (await self.scene.studio.patch(self.api, {"download_policy": policy})).expect(200)

    async def shown(self, order: Order) -> dict[str, Any]:
        """An order as the studio sees it."""
        shown: dict[str, Any] = (await self.scene.studio.get(f"/api/v1/orders/{order.id}")).expect(200)
        return shown

    async def client_token(self, order: Order) -> str:
        """Of an order's personal link, where the studio finds it (S7)."""
        return str((await self.shown(order))["client_url"].rpartition("/c/")[2])

    async def timeline(self, order: Order) -> list[tuple[str, str | None]]:
        """What the studio reads in the order's timeline: what happened, with which detail."""
        return [(entry["what"], entry["detail"]) for entry in (await self.shown(order))["timeline"]]

    async def sent(self, kind: type[Message]) -> list[Any]:
        """The messages of one kind that the gateway has sent about this gallery."""
        messages = await emitted(self.scene.gateway.db)
        return [message for message in messages if isinstance(message, kind) and message.about_gallery == self.id]

    async def order(self, *filenames: str, status: OrderStatus = OrderStatus.PAID, **given: Any) -> Order:
        """An order that has come to this status."""
        order = making.order(*filenames, gallery_id=self.id, number=next(self.numbers), **given)
        order = order.model_copy(update={"studio_id": await self._studio_id()})
        await self.scene.gateway.tell(OrderPlaced(order=order))
        return await self.becomes(order, status) if status is not OrderStatus.PLACED else order

    async def becomes(self, order: Order, status: OrderStatus) -> Order:
        """The order in another status."""
        changed = order.model_copy(update={"status": status, "revision": order.revision + 1})
        await self.scene.gateway.tell(EVENTS[status](order=changed))
        return changed

    async def rotate_link(self, order: Order) -> Order:
        """The order with a new personal link."""
        news = {"link_rotation": order.link_rotation + 1, "revision": order.revision + 1}
        rotated = order.model_copy(update=news)
        await self.scene.gateway.tell(LinkRotated(order=rotated))
        return rotated

    async def forget_client(self, order: Order) -> Order:
        """The order after its client's data was erased; entitlements says nothing of it yet."""
        erased = order.model_copy(update={"client": order.client.erase(), "revision": order.revision + 1})
        await self.scene.gateway.tell(ClientErased(order=erased))
        return erased

    async def upload(self, filename: str, content: bytes = b"final", replacing: Final | None = None) -> Final:
        """A final, or its next version, in the store and in the view."""
        identity = {"id": replacing.id, "version": replacing.version + 1} if replacing else {}
        facts = {"size": len(content), "crc32": crc32(content)}
        uploaded = transfer_uploaded(str(self.id), filename, **facts, **identity)
        await self.scene.gateway.store.put_file(uploaded.transfer.object_key, content, "image/jpeg")
        await self.scene.gateway.tell(uploaded)
        return uploaded.transfer

    async def finish_line(self, order: Order, filename: str, content: bytes | None = None) -> Final:
        """The final for one line of an order: uploaded, matched, granted."""
        line = next(line for line in order.lines if line.filename == filename)
        final = await self.upload(filename, content or f"bytes of {filename}".encode())
        belongs = {"transfer_id": final.id, "photo_id": line.photo_id}
        grant = Grant(order_id=order.id, **belongs)
        common = {"gallery_id": self.id, "revision": next(self.revisions)}
        await self.scene.gateway.tell(
            TransferMatched(**belongs, **common, by_hand=False), EntitlementsGranted(grants=(grant,), **common)
        )
        return final

    async def finish(self, order: Order) -> list[Final]:
        """Finals for all lines of an order; it is ready."""
        finals = [await self.finish_line(order, line.filename) for line in order.lines]
        await self.is_ready(order)
        return finals

    async def is_ready(self, *orders: Order, ready: bool = True) -> None:
        """These orders have all their finals, or not any more."""
        kind = OrderReady if ready else OrderNotReady
        news = [kind(order_id=order.id, gallery_id=self.id, revision=next(self.revisions)) for order in orders]
        await self.scene.gateway.tell(*news)

    async def mailed(
        self, order: Order, state: MailState, error: str | None = None, at: datetime | None = None
    ) -> None:
        """What the notifier says of the order's mail."""
        notification = Notification(
            order_id=order.id,
            gallery_id=self.id,
            state=state,
            attempt=1,
            changed_at=at or utc_now(),
            error=error,
            revision=next(self.revisions),
        )
        await self.scene.gateway.tell(MAILS.get(state, NotificationProgressed)(notification=notification))

    async def reminded(self, order: Order, kind: ReminderKind, state: MailState, error: str | None = None) -> None:
        """What the notifier says of the order's reminder."""
        reminder = Reminder(
            order_id=order.id,
            gallery_id=self.id,
            kind=kind,
            state=state,
            changed_at=utc_now(),
            error=error,
            revision=next(self.revisions),
        )
        await self.scene.gateway.tell(REMINDERS.get(state, ReminderProgressed)(reminder=reminder))

    async def _studio_id(self) -> UUID:
        query = "SELECT studio_id FROM gallery WHERE id = $1"
        return UUID(str(await self.scene.gateway.db.pool.fetchval(query, self.id)))
