"""Ordering through the public link."""

from typing import Any

from tests.gateway.client import StudioClient
from tests.gateway.making import photo_uploaded
from tests.gateway.running import RunningGateway


async def order_to_place(gateway: RunningGateway, studio: StudioClient) -> tuple[str, Any]:
    """Path and body of an order in a new gallery."""
    gallery = await studio.open_gallery()
    photo = photo_uploaded(gallery["id"], "1.jpg")
    await gateway.tell(photo)
    body = {"client": {"name": "Ala", "email": "ala@example.com"}, "photo_ids": [str(photo.photo.id)]}
    return f"/api/v1/g/{gallery['public_url'].rpartition('/')[2]}/orders", body
