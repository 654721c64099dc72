"""How many mails are in which state."""

from prometheus_client import REGISTRY

from chassis.db import Database
from contracts.base import uuid7
from services.notifier.measuring import STATES, measure


async def test_mails_that_are_not_sent_are_counted_by_state(db: Database) -> None:
    gallery_id = uuid7()
    for state in ("queued", "queued", "sent", "unknown"):
        await db.pool.execute(
            """INSERT INTO mail (gallery_id, kind, email, order_ids, on_purpose, correlation_id, state)
               VALUES ($1, 'links', 'anna@example.com', '{}', true, $1, $2)""",
            gallery_id,
            state,
        )

    await measure(db)

    counts = {state.value: REGISTRY.get_sample_value("photoferry_mails_unsent", {"state": state}) for state in STATES}
    assert counts == {"queued": 2, "sending": 0, "failed": 0, "unknown": 1}
