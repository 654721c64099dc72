"""What callers send."""

from datetime import datetime
from typing import Annotated, Any, get_args
from uuid import UUID

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    Strict,
    StringConstraints,
    ValidationInfo,
    field_validator,
)

from contracts.base import ONE_LINE, CurrencyCode, Email
from contracts.notifier import ConfirmedReminder
from contracts.orders import Bundle, ClientName, Contact, GalleryName, GallerySettings, Locale, MinorUnits
from contracts.payments import Reason
from services.gateway.outgoing.addresses import checked_url
from services.gateway.outgoing.news import Kind

Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200), ONE_LINE]
Price = Annotated[MinorUnits, Strict()]
Password = Annotated[str, StringConstraints(min_length=10, max_length=1_000), ONE_LINE]


class Body(BaseModel):
    """A request's body: a misspelt field is an error, not a silent loss."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class SignUp(Body):
    """A new studio."""

    name: Name
    email: Email
    password: Password
    locale: Locale = "en"


class LogIn(Body):
    """A studio's e-mail and password."""

    email: Annotated[str, StringConstraints(max_length=254), ONE_LINE]
    password: Annotated[str, StringConstraints(max_length=1_000), ONE_LINE]


class Forgotten(Body):
    """The e-mail of a studio whose password is forgotten."""

    email: Email


class NewPassword(Body):
    """In the place of one that is forgotten."""

    new_password: Password


class StudioChanges(Body):
    """How clients see the studio; what is left out stays. `contact_email` is where their answers go."""

    name: Name | None = None
    contact_email: Email | None = None
    locale: Locale | None = None


class LogInChanges(Body):
    """The present password, and a new e-mail or password to log in with."""

    password: Annotated[str, StringConstraints(max_length=1_000), ONE_LINE]
    email: Email | None = None
    new_password: Password | None = None


class NewToken(Body):
    """A name to know an API token by."""

    name: Name


def _written(moment: Any) -> datetime | None:
    if moment is None or isinstance(moment, datetime):
        return moment
    try:
        return datetime.fromisoformat(moment)  # pydantic would take numbers, too
    except (TypeError, ValueError):
        raise ValueError("Write it like 2026-06-14T18:00:00Z.") from None


def _deadline(moment: datetime | None) -> datetime | None:
    if moment is not None and moment.tzinfo is None:
        raise ValueError("Give the time zone, like 2026-06-14T18:00:00Z.")
    if moment is not None and not 2000 <= moment.year < 3000:  # at the ends of time no zone can be reckoned with
        raise ValueError("Give a year from 2000 to 2999.")
    return moment


Moment = Annotated[datetime | None, BeforeValidator(_written), AfterValidator(_deadline)]


class AccessCode(Body):
    """What the photographer told the clients."""

    code: Annotated[str, StringConstraints(max_length=200), ONE_LINE]


class NewBundle(Bundle):
    """Some photos together for a price."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class NewGallery(GallerySettings):
    """A new gallery's settings."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    price_per_photo: Price
    bundles: tuple[NewBundle, ...] = Field(default=(), max_length=50)
    order_deadline: Moment = None
    keep_until: Moment = None


class GalleryChanges(NewGallery):
    """New values for some of a gallery's settings; what is left out stays."""

    name: GalleryName = ""
    currency: CurrencyCode = ""
    price_per_photo: Price = 0


class ClientChanges(Contact):
    """What a client mistyped; what is left out stays."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: ClientName = ""
    email: Email = ""


class OrderChanges(Body):
    """Corrections of an order."""

    client: ClientChanges


class Erasure(Body):
    """`ends_order`: also when that cancels it or ends its downloads. `all_of_client`: all orders of the same e-mail."""

    ends_order: Annotated[bool, Strict()] = False
    all_of_client: Annotated[bool, Strict()] = False


class NewClient(Contact):
    """Who orders."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class NewOrder(Body):
    """A client's choice."""

    client: NewClient
    photo_ids: tuple[UUID, ...] = Field(max_length=5_000)


class OrderIds(Body):
    """Some orders of one gallery."""

    order_ids: tuple[UUID, ...] = Field(min_length=1, max_length=1_000)


class PaidOrders(OrderIds):
    """Orders whose money is here; `lines`: the fingerprints of the bank's lines that it came by.

    The first line is for the first order, and so on; orders after the last line were paid otherwise.
    """

    lines: tuple[Annotated[str, StringConstraints(pattern="^[0-9a-f]{64}$")], ...] = Field(default=(), max_length=1_000)

    @property
    def by_line(self) -> dict[str, UUID]:
        """Which order each line pays."""
        return dict(zip(self.lines, self.order_ids, strict=False))

    @field_validator("lines")
    @classmethod
    def _each_pays_one_order(cls, lines: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        order_ids = info.data.get("order_ids")
        pairs = set(zip(lines, order_ids or lines, strict=False))
        firsts, seconds = ({pair[each] for pair in pairs} for each in (0, 1))
        if order_ids and not (len(firsts) == len(seconds) == len(pairs) and len(lines) <= len(order_ids)):
            raise ValueError("Send each line at the place that its order has in order_ids, one line for an order.")
        return lines


class AssignedOrder(Body):
    """The order that a payment pays."""

    order_id: UUID


class Dismissal(Body):
    """Why nothing needs to be done about a payment."""

    reason: Reason


class NewEndpoint(Body):
    """A system of the studio's own, and what it wants to hear."""

    url: Annotated[str, StringConstraints(max_length=2_000), AfterValidator(checked_url)]
    events: tuple[Kind, ...] = Field(default=get_args(Kind), min_length=1)


class ConfirmedReminders(OrderIds):
    """Orders whose clients are to be reminded of one thing."""

    kind: ConfirmedReminder


class NewFile(Body):
    """A file to upload: its name, its size in bytes, and what its sender takes it for."""

    filename: str
    size: int = Field(strict=True)
    content_type: Annotated[str, ONE_LINE] = ""


class NewFiles(Body):
    """Files to upload into one tab of a gallery."""

    files: tuple[NewFile, ...] = Field(min_length=1, max_length=200)


class SentPart(Body):
    """A part of a file that the store has taken, with the store's own mark of it."""

    number: int = Field(ge=1, le=10_000, strict=True)
    etag: Annotated[str, StringConstraints(min_length=1, max_length=200), ONE_LINE]


class SentFile(Body):
    """A file that the store has taken; `parts` when it was sent in parts."""

    upload_id: UUID
    parts: tuple[SentPart, ...] = ()


class SentFiles(Body):
    """Files that the store has taken, of any gallery."""

    items: tuple[SentFile, ...] = Field(min_length=1, max_length=200)


class MatchedPhoto(Body):
    """The photo that a final belongs to."""

    photo_id: UUID


class DeadKind(Body):
    """All messages that died of one type of error in one queue."""

    queue: str
    error_type: str


class DeadMessages(Body):
    """Some dead messages by id, or all of a kind."""

    ids: tuple[str, ...] = Field(default=(), max_length=1_000)
    kind: DeadKind | None = Field(default=None, validate_default=True)

    @field_validator("kind")
    @classmethod
    def _one_of_both(cls, kind: DeadKind | None, info: ValidationInfo) -> DeadKind | None:
        if bool(info.data.get("ids")) == bool(kind):
            raise ValueError("Send ids, or a kind; one of the two.")
        return kind


class ClientEmail(Body):
    """The address that a client ordered with."""

    email: Email
