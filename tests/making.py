"""Makers of galleries, orders and commands for tests; what a test does not name is made up."""

from typing import Any
from uuid import UUID

from contracts.base import Money, utc_now, uuid7
from contracts.names import match_key
from contracts.orders import (
    Client,
    Gallery,
    GallerySettings,
    OpenGallery,
    Order,
    OrderLine,
    OrderStatus,
    PlaceOrder,
    Studio,
)

ANNA = Client(name="Anna Nowak", email="anna@example.com", locale="pl")


def studio() -> Studio:
    """A photographer."""
    return Studio(id=uuid7(), name="Studio Żółw", email="studio@example.com")


def settings(**given: Any) -> GallerySettings:
    """Gallery settings: 12.50 PLN a photo."""
    return GallerySettings(**{"name": "Class 3b", "currency": "PLN", "price_per_photo": 1250, **given})


def gallery(**given: Any) -> Gallery:
    """A gallery; what is not one of its own fields is a setting."""
    own: dict[str, Any] = {key: given.pop(key) for key in ("id", "studio", "revision") if key in given}
    return Gallery(
        **{
            "id": uuid7(),
            "studio": studio(),
            "opened_at": utc_now(),
            "revision": 1,
            "settings": settings(**given),
            **own,
        }
    )


def line(filename: str) -> OrderLine:
    """An ordered photo of this file name."""
    return OrderLine(photo_id=uuid7(), filename=filename, match_key=match_key(filename))


def order(*filenames: str, gallery_id: UUID | None = None, **given: Any) -> Order:
    """An order of photos of these names."""
    made: dict[str, Any] = {
        "id": uuid7(),
        "gallery_id": gallery_id or uuid7(),
        "studio_id": uuid7(),
        "number": 1,
        "client": ANNA,
        "status": OrderStatus.PLACED,
        "total": Money(amount=1250 * len(filenames), currency="PLN"),
        "lines": tuple(map(line, filenames)),
        "placed_at": utc_now(),
        "revision": 1,
    }
    return Order(**{**made, **given})


def open_gallery(**given: Any) -> OpenGallery:
    """The command that opens a gallery with these settings."""
    return OpenGallery(gallery_id=uuid7(), studio=studio(), settings=settings(**given))


def place_order(gallery_id: UUID, *lines: OrderLine, **given: Any) -> PlaceOrder:
    """The command that orders these photos for Anna."""
    return PlaceOrder(**{"order_id": uuid7(), "gallery_id": gallery_id, "client": ANNA, "lines": lines, **given})
