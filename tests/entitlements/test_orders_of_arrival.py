"""The order of arrival does not matter (rule 3)."""

from collections.abc import Iterable, Iterator
from contextlib import suppress
from itertools import groupby
from typing import Any
from uuid import UUID

from hypothesis import HealthCheck, given, settings

from chassis.db import Database
from chassis.inbox import AlreadyHandled
from contracts.base import uuid7
from tests.entitlements.delivering import deliver, deliver_together
from tests.entitlements.state import State, kept, told
from tests.entitlements.stories import Happening, Story, message, names, stories

QUEUES = {"uploaded": "finals", "removed": "finals", "taken": "photos", "withdrawn": "photos"}


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(story=stories())
async def test_whatever_the_order_and_number_of_deliveries_the_end_is_the_same(db: Database, story: Story) -> None:
    in_order = await _after(db, story, [[one] for one in story.happened])
    shuffled = await _after(db, story, [[one] for one in story.delivered])
    together = await _after(db, story, _at_hand(story.delivered))

    assert shuffled == in_order
    assert together == in_order


async def _after(db: Database, story: Story, deliveries: Iterable[list[Happening]]) -> dict[str, Any]:
    """The state that these deliveries lead to, in a gallery of their own; checks that the events tell the same."""
    gallery = uuid7()
    for at_hand in deliveries:
        with suppress(AlreadyHandled):
            messages = [message(gallery, happening) for happening in at_hand]
            await (deliver(db, *messages) if len(messages) == 1 else deliver_together(db, messages))
    state, heard = await kept(db, gallery), await told(db, gallery)
    heard.matches = {id_: match for id_, match in heard.matches.items() if id_ in state.matches}
    assert heard == state
    return _named(state, names(gallery, story))


def _at_hand(deliveries: list[Happening]) -> Iterator[list[Happening]]:
    """News of finals that follow each other arrive together, and news of photos, all else alone."""
    for queue, run in groupby(deliveries, lambda one: QUEUES.get(one.what)):
        at_hand = list(run)
        yield from [at_hand] if queue else ([one] for one in at_hand)


def _named(state: State, name: dict[UUID, str]) -> dict[str, Any]:
    return {
        "grants": {tuple(name[id_] for id_ in (one.order_id, one.photo_id, one.transfer_id)) for one in state.grants},
        "ready": {name[id_] for id_ in state.ready},
        "matches": {
            name[id_]: (photo and name[photo], by_hand, [(name[one.photo_id], one.score) for one in suggestions])
            for id_, (photo, by_hand, suggestions) in state.matches.items()
        },
    }
