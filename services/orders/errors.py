"""What orders refuses, in words for the person who asked."""


class Refusal(Exception):
    """A command that will not be done: HTTP status, a code for programs, a sentence for people, the field at fault."""

    def __init__(self, status: int, code: str, detail: str, field: str | None = None) -> None:
        super().__init__(detail)
        self.status = status
        self.code = code
        self.detail = detail
        self.field = field


class NothingToChange(Exception):
    """What the command asks for is so already."""


def gallery_gone() -> Refusal:
    """The gallery is deleted."""
    return Refusal(404, "gallery-not-found", "This gallery does not exist any more.")


def order_gone() -> Refusal:
    """The order's gallery is deleted."""
    return Refusal(404, "order-not-found", "This order does not exist any more.")


def client_erased() -> Refusal:
    """There is nobody left to correct, or to give a link to."""
    return Refusal(409, "client-erased", "The personal data of this order is erased; it cannot be changed any more.")


def payment_gone() -> Refusal:
    """There is no such payment, or it went with its gallery."""
    return Refusal(404, "payment-not-found", "This payment does not exist any more.")


def currency_in_use(currency: str) -> Refusal:
    """The gallery has orders: their totals and those to come could not be added up."""
    detail = f"There are orders in {currency} here; keep it, or open another gallery with the other currency."
    return Refusal(409, "currency-in-use", detail, "currency")
