"""What a photographer can do to an order as it stands."""

from typing import Any

from contracts.notifier import MailState
from contracts.orders import DownloadPolicy, OrderStatus

Shown = dict[str, Any]
"""An order or a gallery as the API shows it; here the order also has `files`: `{ordered, here, granted}`."""

PERSONAL = ("personal-data", "erase")
"""What a client may ask for at any time."""


def with_actions(order: Shown, gallery: Shown) -> Shown:
    """The order with the names of those `actions` that make sense, as the menu lists them."""
    return order | {"actions": _possible(order, gallery)}


def _possible(order: Shown, gallery: Shown) -> list[str]:
    paid = order["status"] == OrderStatus.PAID
    ending = [*(["refund"] if order["total"]["amount"] else []), "cancel"] if paid else []
    if order["client"]["erased"]:
        return ending
    if order["status"] == OrderStatus.PLACED:
        return ["mark-paid", "copy", "client", "rotate-link", "cancel", *PERSONAL]
    if not paid:
        return ["copy", *PERSONAL]
    return ["copy", *_mail(order, gallery), "client", "rotate-link", *ending, *PERSONAL]


def _mail(order: Shown, gallery: Shown) -> list[str]:
    """A mail on purpose, where it would be taken; the first one not before all is ready."""
    mail, policy = order["notification"], gallery["download_policy"]
    if policy == DownloadPolicy.NONE or mail["state"] == MailState.SENDING:
        return []
    anyone = policy == DownloadPolicy.ANYONE
    if not (gallery["counts"]["transfers"] if anyone else order["files"]["granted"]):
        return []
    if mail["sent_at"] or mail["state"] != MailState.NONE:
        return ["send-again"]
    return ["send"] if order["ready"] else []
