"""How many mails are in which state."""

from prometheus_client import REGISTRY

from chassis.db import Database
from contracts.base import uuid7
from services.notifier.measuring import STATES, measure


async def test_mails_that_are_not_sent_are_counted_by_state_and_the_first_one_tells_how_long_it_waits(
    db: Database,
) -> None:
    gallery_id = uuid7()
    for state in ("queued", "queued", "sent", "unknown"):
        await db.pool.execute(
            """INSERT INTO mail (gallery_id, kind, email, order_ids, on_purpose, correlation_id, state)
               VALUES ($1, 'links', 'anna@example.com', '{}', true, $1, $2)""",
            gallery_id,
            state,
        )

    await db.pool.execute("UPDATE mail SET due_at = now() - interval '1 hour' WHERE state <> 'queued'")
    await measure(db)
    assert 0 < (REGISTRY.get_sample_value("photoferry_mails_oldest_seconds") or 0) < 60
    await db.pool.execute("UPDATE mail SET due_at = now() - interval '1 hour'")
    await measure(db)
    assert 3_600 <= (REGISTRY.get_sample_value("photoferry_mails_oldest_seconds") or 0) < 3_700

    counts = {state.value: REGISTRY.get_sample_value("photoferry_mails_unsent", {"state": state}) for state in STATES}
    assert counts == {"queued": 2, "sending": 0, "failed": 0, "unknown": 1}
