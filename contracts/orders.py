"""Messages of the orders service: galleries, orders, payments by hand."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, ClassVar, Self
from uuid import UUID

from pydantic import Field, JsonValue, StringConstraints

from contracts.base import (
    LINES,
    MOST,
    ONE_LINE,
    PERSONAL,
    Command,
    CurrencyCode,
    Email,
    Event,
    Frozen,
    Money,
    Refused,
    UtcMoment,
)
from contracts.names import KnownFilename, MatchKey

Locale = Annotated[str, StringConstraints(pattern=r"^(en|pl)$")]
"""Language of pages and mails."""


GalleryName = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200), ONE_LINE, PERSONAL]
ClientName = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200), ONE_LINE, PERSONAL]
ShortText = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100), ONE_LINE, PERSONAL]
"""An access code or a watermark."""
LongText = Annotated[str, StringConstraints(max_length=5_000), LINES, PERSONAL]
"""What a studio tells its clients, in several lines if it likes."""
MinorUnits = Annotated[int, Field(ge=0, le=1_000_000_000)]
"""A price in the currency's minor units."""


ReminderDays = Annotated[int, Field(ge=1, le=365, strict=True)]
"""After how many days a client is reminded by itself."""


class DownloadPolicy(StrEnum):
    """The two boxes of a gallery's download setting (S3)."""

    NONE = "none"
    ORDERED_AND_PAID = "ordered_and_paid"
    ANYONE = "anyone"


class OrderStatus(StrEnum):
    """`placed → paid → refunded`, or `cancelled` from placed or paid."""

    PLACED = "placed"
    PAID = "paid"
    REFUNDED = "refunded"
    CANCELLED = "cancelled"


class Studio(Frozen):
    """The photographer, as clients see them, as of `revision`; `email` is where their answers go.

    `locale` is the photographer's own; cards of older releases have none.
    """

    id: UUID
    name: Annotated[str, ONE_LINE, PERSONAL]
    email: Email
    locale: Locale | None = None
    revision: int = 0


class Bundle(Frozen):
    """`photos` photos together for `price`, in minor units of the gallery's currency."""

    photos: int = Field(ge=1, le=10_000)
    price: MinorUnits


class GallerySettings(Frozen):
    """What the photographer decides about a gallery. Prices are minor units of `currency`.

    `remind_unpaid_days` counts from the order, `remind_download_days` from the mail; None: no reminder goes by itself.
    At `keep_until` the gallery is deleted; None: it stays until the photographer deletes it.
    """

    name: GalleryName
    currency: CurrencyCode
    price_per_photo: MinorUnits
    bundles: tuple[Bundle, ...] = Field(default=(), max_length=50)
    download_policy: DownloadPolicy = DownloadPolicy.ORDERED_AND_PAID
    welcome: LongText = ""
    order_deadline: UtcMoment | None = None
    allow_free_orders: bool = False
    access_code: ShortText | None = None
    watermark: ShortText | None = None
    watermark_image: bool = False
    """Whether the studio's own picture is burnt into proofs' previews: `contracts.transfers.watermark_key`."""
    auto_notify: bool = False
    remind_unpaid_days: ReminderDays | None = None
    remind_download_days: ReminderDays | None = None
    keep_until: UtcMoment | None = None
    payment_instructions: LongText = ""
    locale: Locale = "en"


class Gallery(Frozen):
    """A gallery as of `revision`."""

    id: UUID
    studio: Studio
    settings: GallerySettings
    opened_at: datetime
    revision: int


ERASED = "erased"
"""What stands where words about an erased client stood."""
ERASED_EMAIL = "erased@example.com"
"""Nobody's (RFC 2606); no mail goes there."""


class Contact(Frozen):
    """Who orders, as they write it."""

    name: ClientName
    email: Email
    phone: Annotated[str, StringConstraints(max_length=50), ONE_LINE, PERSONAL] = ""
    note: Annotated[str, StringConstraints(max_length=2_000), LINES, PERSONAL] = ""
    locale: Locale = "en"


class Client(Contact):
    """Who ordered; when `erased`, nobody knows any more who it was."""

    erased: bool = False

    def erase(self) -> "Client":
        """What is left when the client's data is erased: a language, for who still has the link."""
        return Client(name=ERASED, email=ERASED_EMAIL, locale=self.locale, erased=True)


class OrderLine(Frozen):
    """One ordered photo."""

    photo_id: UUID
    filename: KnownFilename
    match_key: MatchKey


class Order(Frozen):
    """An order as of `revision`. `link_rotation` counts how often its personal link was replaced."""

    id: UUID
    gallery_id: UUID
    studio_id: UUID
    number: int
    client: Client
    status: OrderStatus
    total: Money
    lines: tuple[OrderLine, ...]
    link_rotation: int = 0
    placed_at: datetime
    revision: int

    def without_client(self) -> "Order":
        """The order, with the client erased."""
        return self.model_copy(update={"client": self.client.erase()})


class OpenGallery(Command):
    """Open a new gallery."""

    topic: ClassVar[str] = "orders.open_gallery.v1"

    gallery_id: UUID
    studio: Studio
    settings: GallerySettings


class ChangeGallery(Command):
    """Change some settings: `changes` are new values by field of `GallerySettings`."""

    topic: ClassVar[str] = "orders.change_gallery.v1"

    gallery_id: UUID
    changes: Annotated[dict[str, JsonValue], PERSONAL]


class DeleteGallery(Command):
    """Delete a gallery and all that belongs to it, for good."""

    topic: ClassVar[str] = "orders.delete_gallery.v1"

    gallery_id: UUID


class ChangeStudio(Command):
    """The photographer is called otherwise, or reached elsewhere: in all galleries."""

    topic: ClassVar[str] = "orders.change_studio.v1"

    studio: Studio


class PlaceOrder(Command):
    """Order these photos for this client; each photo is in `lines` once.

    `agreed_total`: what the client was shown and agreed to pay; at another price the order is refused.
    """

    topic: ClassVar[str] = "orders.place_order.v1"

    order_id: UUID
    gallery_id: UUID
    client: Client
    lines: tuple[OrderLine, ...]
    agreed_total: Money | None = None

    @property
    def names_people_of(self) -> tuple[UUID, ...]:
        return (self.order_id,)

    def without_people(self) -> Self:
        return self.model_copy(update={"client": self.client.erase()})


class MarkOrdersPaid(Command):
    """The photographer says that these orders of one gallery are paid (S4). Each is answered by itself."""

    topic: ClassVar[str] = "orders.mark_orders_paid.v1"

    gallery_id: UUID
    order_ids: tuple[UUID, ...] = Field(max_length=MOST)


class OrderCommand(Command):
    """Something to do to one order."""

    order_id: UUID
    gallery_id: UUID


class CancelOrder(OrderCommand):
    """The photographer calls the order off; a paid one loses its downloads."""

    topic: ClassVar[str] = "orders.cancel_order.v1"


class RefundOrder(OrderCommand):
    """The photographer gave the money back; the downloads go with it."""

    topic: ClassVar[str] = "orders.refund_order.v1"


class RotateLink(OrderCommand):
    """Replace the order's personal link; the old one stops working."""

    topic: ClassVar[str] = "orders.rotate_link.v1"


class CorrectClient(OrderCommand):
    """Correct what a client mistyped: `changes` are new values by field of `Client`."""

    topic: ClassVar[str] = "orders.correct_client.v1"

    changes: Annotated[dict[str, str], PERSONAL]

    @property
    def names_people_of(self) -> tuple[UUID, ...]:
        return (self.order_id,)

    def without_people(self) -> Self:
        return self.model_copy(update={"changes": {}})


class EraseClient(OrderCommand):
    """Forget who ordered, everywhere; what the books need stays.

    `ends_order`: also when the order goes on. A placed one is cancelled then, a paid one loses its downloads.
    """

    topic: ClassVar[str] = "orders.erase_client.v1"

    studio_id: UUID
    ends_order: bool = False


class WithdrawPhoto(Command):
    """Take a photo out of its gallery, unless it is on an order."""

    topic: ClassVar[str] = "orders.withdraw_photo.v1"

    photo_id: UUID
    gallery_id: UUID


class GalleryEvent(Event):
    """Something happened to a gallery; `gallery` is all of it."""

    gallery: Gallery

    @property
    def about_gallery(self) -> UUID:
        return self.gallery.id


class GalleryOpened(GalleryEvent):
    """A gallery is there."""

    topic: ClassVar[str] = "orders.gallery_opened.v1"


class GalleryChanged(GalleryEvent):
    """A gallery's settings changed."""

    topic: ClassVar[str] = "orders.gallery_changed.v1"


class GalleryDeleted(Event):
    """A gallery is gone; everyone forgets its files and people (rule 9)."""

    topic: ClassVar[str] = "orders.gallery_deleted.v1"

    gallery_id: UUID
    studio_id: UUID | None = None
    """Whose it was; older messages do not say."""


class OrderEvent(Event):
    """Something happened to an order; `order` is all of it, so that a later event needs no earlier one."""

    order: Order

    @property
    def about_gallery(self) -> UUID:
        return self.order.gallery_id

    @property
    def names_people_of(self) -> tuple[UUID, ...]:
        return () if self.order.client.erased else (self.order.id,)

    def without_people(self) -> Self:
        return self.model_copy(update={"order": self.order.without_client()})


class OrderPlaced(OrderEvent):
    """A client ordered photos."""

    topic: ClassVar[str] = "orders.order_placed.v1"


class OrderPaid(OrderEvent):
    """An order is paid: by hand in *Client orders*, by an online payment, or because it costs nothing (S4)."""

    topic: ClassVar[str] = "orders.order_paid.v1"


class OrderRefunded(OrderEvent):
    """The money went back."""

    topic: ClassVar[str] = "orders.order_refunded.v1"


class OrderCancelled(OrderEvent):
    """The order was called off."""

    topic: ClassVar[str] = "orders.order_cancelled.v1"


class ClientCorrected(OrderEvent):
    """The client's name, address, phone or note was corrected."""

    topic: ClassVar[str] = "orders.client_corrected.v1"


class ClientErased(OrderEvent):
    """Nobody knows any more who ordered: whoever hears this forgets it, and lets nobody download by this order."""

    topic: ClassVar[str] = "orders.client_erased.v1"


class LinkRotated(OrderEvent):
    """The personal link was replaced by a new one."""

    topic: ClassVar[str] = "orders.link_rotated.v1"


class OrderUnchanged(OrderEvent):
    """A command left an order as it was, because it is so already; the news of that may still be on its way."""

    topic: ClassVar[str] = "orders.order_unchanged.v1"


class PhotoWithdrawn(Event):
    """A photo is out of its gallery: it can no longer be ordered, and its files go."""

    topic: ClassVar[str] = "orders.photo_withdrawn.v1"

    photo_id: UUID
    gallery_id: UUID


class OrderRejected(Refused):
    """A client's order was not placed."""

    topic: ClassVar[str] = "orders.order_rejected.v1"

    order_id: UUID


class CommandRefused(Refused):
    """Any other command that orders will not do; `subject_id` is the order, photo or gallery that it was about."""

    topic: ClassVar[str] = "orders.command_refused.v1"

    subject_id: UUID
