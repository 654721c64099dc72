"""Everything that the gateway derives from its secret, seals by it, or signs for the store."""

import hmac
from base64 import b64encode
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from urllib.parse import urlsplit
from uuid import UUID

from Crypto.Cipher import AES

from chassis.links import client_token, client_url, gallery_token, reset_token, token_digest
from chassis.objects import ObjectStore
from contracts.orders import Order
from services.gateway.settings import GatewaySettings

PREVIEW_VALID = timedelta(hours=48)
PREVIEW_RENEW = timedelta(hours=24)
"""A preview URL stays the same for a day, and is renewed while it is still good for another one."""
DOWNLOAD_VALID = timedelta(minutes=5)
UPLOAD_VALID = timedelta(hours=12)
"""A batch of large files on a slow line takes hours; abandoned slots are swept long after."""


SEAL = 16
"""Bytes of the nonce, and of the tag, that stand before a sealed text (AES-GCM, NIST SP 800-38D)."""


class Signer:
    """Tokens of links, their digests, what is kept sealed, and presigned URLs of the store."""

    def __init__(self, public_url: str, secret: str, store: ObjectStore) -> None:
        self.public_url = public_url
        self.secret = secret
        self.store = store
        self._seal_key = hmac.digest(secret.encode(), b"seal", sha256)

    @classmethod
    def of(cls, settings: GatewaySettings) -> "Signer":
        """As the gateway is told; the store is where people reach it."""
        base = f"{settings.public_url}/store" if settings.delivery == "proxy" else None
        store = ObjectStore(settings.s3_url.get_secret_value(), public_base=base)
        return cls(settings.public_url, settings.secret.get_secret_value(), store)

    def public_url_of(self, gallery_id: UUID) -> str:
        """A gallery's public link."""
        return f"{self.public_url}/g/{gallery_token(self.secret, gallery_id)}"

    def public_api_of(self, gallery_id: UUID) -> str:
        """Where programs find what is behind a gallery's public link."""
        return f"{self.public_url}/api/v1/g/{gallery_token(self.secret, gallery_id)}"

    def public_digest(self, gallery_id: UUID) -> bytes:
        """What a gallery's public link is looked up by."""
        return token_digest(gallery_token(self.secret, gallery_id))

    def client_url_of(self, order_id: UUID, rotation: int) -> str:
        """An order's personal link (S7)."""
        return client_url(self.public_url, self.secret, order_id, rotation)

    def client_digest(self, order: Order) -> bytes:
        """What an order's present personal link is looked up by."""
        return token_digest(client_token(self.secret, order.id, order.link_rotation))

    def reset_digest(self, reset_id: UUID) -> bytes:
        """What the link that sets a new password is looked up by."""
        return token_digest(reset_token(self.secret, reset_id))

    def access_pass(self, gallery_id: UUID, code: str) -> str:
        """What an access code is exchanged for; another code makes it worthless."""
        return hmac.new(self.secret.encode(), b"access" + gallery_id.bytes + code.encode(), sha256).hexdigest()

    def api_token(self, token_id: UUID) -> str:
        """The API token of this id: derived, so that a repeated request can show it again, and never stored."""
        return "pf_" + hmac.new(self.secret.encode(), b"api" + token_id.bytes, sha256).hexdigest()

    def endpoint_secret(self, endpoint_id: UUID, rotation: int) -> str:
        """What webhooks to a studio's own system are signed by, as Standard Webhooks writes secrets."""
        subject = b"endpoint" + endpoint_id.bytes + rotation.to_bytes(4, "big")
        return "whsec_" + b64encode(hmac.digest(self.secret.encode(), subject, sha256)).decode()

    def fingerprint(self, text: bytes) -> bytes:
        """By which a text is known again, and which tells nothing of it, however short it is."""
        return hmac.digest(self.secret.encode(), b"fingerprint" + text, sha256)

    def seal(self, text: bytes) -> bytes:
        """`text` as it can be kept in the database: only who has the secret reads it."""
        cipher = AES.new(self._seal_key, AES.MODE_GCM)
        sealed, tag = cipher.encrypt_and_digest(text)
        return cipher.nonce + tag + sealed

    def unseal(self, sealed: bytes) -> bytes:
        """What was sealed. Raises `ValueError` when it was by another secret."""
        nonce, tag, text = sealed[:SEAL], sealed[SEAL : 2 * SEAL], sealed[2 * SEAL :]
        return AES.new(self._seal_key, AES.MODE_GCM, nonce=nonce).decrypt_and_verify(text, tag)

    def preview(self, key: str) -> str:
        """A URL of a preview that is good until `preview_expiry()` at least."""
        return self.store.presign_get(key, int(PREVIEW_VALID.total_seconds()))

    def upload(self, key: str) -> str:
        """A URL to upload a file to."""
        return self.store.presign_put(key, int(UPLOAD_VALID.total_seconds()))

    def upload_part(self, key: str, multipart_id: str, number: int) -> str:
        """A URL to upload part `number` (from 1) of a file to."""
        return self.store.presign_part(key, multipart_id, number, int(UPLOAD_VALID.total_seconds()))

    @property
    def preview_base(self) -> str:
        """What every preview URL depends on: where the store is, and whose key signs."""
        return self.preview("").partition("&X-Amz-Date")[0]

    @property
    def store_origin(self) -> str:
        """Scheme, host and port from which browsers load pictures, and to which they upload."""
        address = urlsplit(self.preview(""))
        return f"{address.scheme}://{address.netloc}"

    def preview_expiry(self) -> datetime:
        """Until when what is signed now is good."""
        return datetime.now(UTC) + PREVIEW_VALID
