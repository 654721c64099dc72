"""The bank's memory: each checkout a file, so that a restart forgets none."""

from pathlib import Path
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, HttpUrl, SecretStr, field_serializer

from contracts import money
from contracts.base import Money

State = Literal["open", "paid", "declined", "refunded"]


class Asked(BaseModel):
    """What a shop asks for. The same `id` asked for again is the same checkout."""

    id: UUID
    order_id: UUID
    what: str
    """What the client reads."""
    amount: int
    """Minor units of `currency`."""
    currency: str
    webhook_url: HttpUrl
    webhook_secret: SecretStr
    return_url: HttpUrl

    @field_serializer("webhook_secret", when_used="json")
    def _kept(self, secret: SecretStr) -> str:
        return secret.get_secret_value()


class Checkout(Asked):
    """A payment that somebody may make; `paid` is what they paid, which need not be what was asked for."""

    state: State = "open"
    paid: int = 0

    @property
    def payment_id(self) -> str:
        """The bank's own name for the payment."""
        return f"pay_{self.id.hex}"

    @property
    def price(self) -> str:
        """What is asked for, as the client reads it."""
        return money.shown(Money(amount=self.amount, currency=self.currency), "en")

    def shown(self) -> dict[str, object]:
        """For the shop."""
        return {
            "id": str(self.id),
            "payment_id": self.payment_id,
            "order_id": str(self.order_id),
            "state": self.state,
            "amount": self.paid,
            "currency": self.currency,
        }


class Checkouts:
    """A folder of checkouts. One process writes to it."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._folder = folder

    def get(self, checkout_id: UUID) -> Checkout | None:
        """The checkout of this id, if there is one."""
        path = self._path(checkout_id)
        return Checkout.model_validate_json(path.read_bytes()) if path.exists() else None

    def open(self, asked: Asked) -> Checkout:
        """A new checkout, or the one that was opened by the same id before."""
        known = self.get(asked.id)
        if known is None:
            self.put(known := Checkout(**dict(asked)))
        return known

    def put(self, checkout: Checkout) -> None:
        """Keeps a checkout as it is now."""
        unfinished = self._folder / "incoming"
        unfinished.write_text(checkout.model_dump_json())
        unfinished.rename(self._path(checkout.id))

    def _path(self, checkout_id: UUID) -> Path:
        return self._folder / f"{checkout_id}.json"
