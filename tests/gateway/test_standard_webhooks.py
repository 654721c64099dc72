"""Webhooks of our own are signed as the specification says, whatever the sender's clock is set to."""

from datetime import UTC, datetime, timedelta, timezone, tzinfo

import pytest

from services.gateway import standard_webhooks


@pytest.mark.parametrize("zone", [UTC, timezone(timedelta(hours=-7))])
def test_the_specifications_own_vector(zone: tzinfo) -> None:
    event_id, now = "msg_p5jXN8AQM9LWM0D4loKWxJek", datetime.fromtimestamp(1614265330, zone)
    secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    assert standard_webhooks.signed(event_id, '{"test": 2432232314}', [secret], now) == {
        "webhook-id": event_id,
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }
