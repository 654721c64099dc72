"""How many mails are in each state; those that were sent are too many to be counted each time."""

from math import nan

from prometheus_client import Gauge

from chassis.db import Database
from contracts.notifier import MailState
from services.notifier import mails

UNSENT = Gauge("photoferry_mails_unsent", "Mails that are not sent, by state", ["state"])
STATES = (MailState.QUEUED, MailState.SENDING, MailState.FAILED, MailState.UNKNOWN)


async def measure(db: Database) -> None:
    """Count the mails that are not sent. What cannot be counted is not a number."""
    for state in STATES:
        UNSENT.labels(state.value).set(nan)
    async with db.pool.acquire() as connection:
        found = await mails.count_unsent(connection)
    for state in STATES:
        UNSENT.labels(state.value).set(found.get(state, 0))
