"""Who may download what (S3, S6): the one place that decides."""

from contracts.orders import DownloadPolicy, OrderStatus

Closed = DownloadPolicy | OrderStatus
"""What keeps a personal link closed: the gallery's setting, or what has become of the order."""


def closed_by(policy: DownloadPolicy, status: OrderStatus) -> Closed | None:
    """Why an order's personal link gives nothing at all; None when it may give something."""
    if policy is DownloadPolicy.NONE:
        return policy
    if policy is DownloadPolicy.ANYONE or status is OrderStatus.PAID:
        return None
    return status


def may_download(policy: DownloadPolicy, status: OrderStatus, *, granted: bool) -> bool:
    """Whether an order's personal link gives a final of its gallery; `granted`: the order has an entitlement to it."""
    return closed_by(policy, status) is None and (granted or policy is DownloadPolicy.ANYONE)
