"""Whether services do what they were sent. RabbitMQ does not say what a consumer has in hand; logs and inboxes do."""

from collections.abc import Iterable
from datetime import timedelta

import asyncpg

from cli.doctor.findings import Finding, broken, fine, look, several
from contracts.topology import QUEUES

# The end of a log, as all of it would have to be searched.
SENT = """(SELECT message_id, topic, gallery_id, published_at FROM {sender}.outbox ORDER BY id DESC LIMIT 10000)"""
# What is about a deleted gallery is done without a claim.
UNHANDLED = """
    WITH unhandled AS (
        SELECT published_at FROM ({sent}) AS sent
        WHERE topic = ANY($1) AND published_at BETWEEN now() - interval '1 day' AND now() - interval '1 minute'
            AND NOT EXISTS (SELECT FROM {service}.deleted_gallery d WHERE d.id = sent.gallery_id)
            AND NOT EXISTS (
                SELECT FROM {service}.inbox i
                WHERE i.message_id = sent.message_id AND i.handled_at > now() - interval '2 days')
    )
    SELECT count(*), coalesce(extract(epoch FROM now() - min(published_at)), 0)::float AS age,
        NOT EXISTS (SELECT FROM {service}.inbox WHERE handled_at > (SELECT max(published_at) FROM unhandled)) AS silent
    FROM unhandled"""


async def check(connection: asyncpg.Connection, service: str, senders: Iterable[str]) -> Finding:
    """What these have sent to the service for more than a minute and it has not handled."""
    topics = [kind.topic for name, kinds in QUEUES.items() if name.startswith(f"{service}.") for kind in kinds]
    sent = " UNION ALL ".join(SENT.format(sender=each) for each in senders)
    found = await connection.fetchrow(UNHANDLED.format(service=service, sent=sent), topics)
    if not found or not found["count"]:
        return fine(f"{service} has handled what it was sent")
    what = f"{service} has not handled {several(found['count'], 'message')}, the oldest for {_age(found['age'])}"
    if found["silent"]:
        return broken(f"{what}, and nothing else since", f"it hangs, or they fail: see its log; restart {service}")
    return look(what, f"they fail, were dropped, or a copy of {service} hangs: see its log, and restart that one")


def _age(seconds: float) -> timedelta:
    return timedelta(seconds=round(seconds))
