"""Which tables are the view, so that it can be rebuilt from events, and which are the gateway's own state."""

from chassis.rebuilding import Rebuilt

_PRESSED = "live.state = 'queued' AND live.revision = rebuilt.revision"
"""A mail was asked for here, and the notifier has said nothing of it yet."""
_UNSIGNED = r"""regexp_replace({}, '\?X-Amz-[^"]*', '', 'g')"""
"""Preview URLs without their signatures, which are renewed every day."""

VIEW = (
    Rebuilt("gallery", gallery="{row}.id"),
    Rebuilt("photo", own_columns=frozenset({"signed_until"}), likeness={"shown": _UNSIGNED}),
    Rebuilt("transfer", own_columns=frozenset({"signed_until"}), likeness={"preview_url": _UNSIGNED}),
    Rebuilt("new_version"),
    Rebuilt("removed_file"),
    Rebuilt("transfer_match"),
    Rebuilt("client_order"),
    Rebuilt("order_line"),
    Rebuilt("client_link"),
    Rebuilt("entitlement"),
    Rebuilt("readiness"),
    Rebuilt("notification", own_rows="live.revision = 0", own_values=_PRESSED, own_columns=frozenset({"asked_at"})),
    Rebuilt("reminder", own_rows="live.revision = 0", own_values=_PRESSED),
    Rebuilt("timeline", own_rows="live.what IN ('opened', 'downloaded')"),
    Rebuilt("payment"),
)
"""Filled from events; what the gateway itself writes there is named."""

OWN = frozenset(
    {
        *("studio", "login_session", "api_token", "password_reset", "wrong_try", "request"),
        *("upload", "download", "link_mail", "basket", "signed_for"),
        *("payment_connection", "webhook", "checkout", "payment_refund", "bank_line"),
        *("webhook_endpoint", "webhook_news", "webhook_delivery"),
        *("deletion", "deletion_part", "deleted_link", "deleted_gallery", "erased_subject"),
        *("inbox", "outbox", "migration"),
    }
)
"""What no event could bring back. Of an `upload`, events say what has become of it."""
