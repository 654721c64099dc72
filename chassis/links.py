"""Capability URLs: whoever has the token may enter. Tokens are derived, never stored, never logged."""

import hmac
from base64 import urlsafe_b64encode
from hashlib import sha256
from uuid import UUID


def gallery_token(secret: str, gallery_id: UUID) -> str:
    """The token of a gallery's public link: 128 bits, base64url."""
    return _token(secret, b"gallery" + gallery_id.bytes, 16)


def client_token(secret: str, order_id: UUID, rotation: int) -> str:
    """The token of an order's personal link (S6, S7): 256 bits, base64url; each rotation has its own."""
    return _token(secret, b"order" + order_id.bytes + rotation.to_bytes(4, "big"), 32)


def client_url(public_url: str, secret: str, order_id: UUID, rotation: int) -> str:
    """The personal link of an order, as it stands in the mail."""
    return f"{public_url}/c/{client_token(secret, order_id, rotation)}"


def status_url(public_url: str, secret: str, gallery_id: UUID, order_id: UUID) -> str:
    """Where a client sees how a placed order is doing: behind the public link, without downloads (S6)."""
    return f"{public_url}/g/{gallery_token(secret, gallery_id)}/orders/{order_id}"


def reset_token(secret: str, reset_id: UUID) -> str:
    """The token of a link that sets a new password: 256 bits, base64url."""
    return _token(secret, b"reset" + reset_id.bytes, 32)


def reset_url(public_url: str, secret: str, reset_id: UUID) -> str:
    """The link that sets a new password, as it stands in the mail."""
    return f"{public_url}/reset/{reset_token(secret, reset_id)}"


def token_digest(token: str) -> bytes:
    """What a token is looked up by, so that the database holds nothing that opens a door."""
    return sha256(token.encode()).digest()


def _token(secret: str, subject: bytes, size: int) -> str:
    digest = hmac.digest(secret.encode(), subject, sha256)[:size]
    return urlsafe_b64encode(digest).rstrip(b"=").decode()
