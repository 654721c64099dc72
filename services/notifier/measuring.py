"""Mails that are not sent: how many, by state, and how long they wait. Those that were sent are too many to count."""

from math import nan

from prometheus_client import Gauge

from chassis.db import Database
from contracts.notifier import MailState
from services.notifier import mails

UNSENT = Gauge("photoferry_mails_unsent", "Mails that are not sent, by state", ["state"])
OLDEST = Gauge("photoferry_mails_oldest_seconds", "For how long the first mail waits that could be sent, or 0")
STATES = (MailState.QUEUED, MailState.SENDING, MailState.FAILED, MailState.UNKNOWN)


async def measure(db: Database) -> None:
    """Count the mails that are not sent. What cannot be counted is not a number."""
    OLDEST.set(nan)
    for state in STATES:
        UNSENT.labels(state.value).set(nan)
    async with db.pool.acquire() as connection:
        found = await mails.count_unsent(connection)
        OLDEST.set(await mails.longest_wait(connection))
    for state in STATES:
        UNSENT.labels(state.value).set(found.get(state, 0))
