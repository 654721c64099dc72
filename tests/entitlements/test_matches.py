"""To which photo a final belongs: by its name, by hand, or perhaps."""

from datetime import timedelta
from uuid import UUID

from chassis.db import Database
from contracts.base import Cause, caused_by, utc_now, uuid7
from contracts.entitlements import EntitlementsGranted, OrderReady, TransferMatched
from tests.entitlements.delivering import deliver, deliver_together
from tests.entitlements.making import confirm, grant, paid, proof, removed, take_back, uploaded, withdrawn
from tests.entitlements.state import UNMATCHED, kept, told
from tests.outbox import emitted


async def test_a_final_whose_photo_comes_later_is_matched_then(db: Database, gallery: UUID) -> None:
    final, photo = uploaded(gallery, "a.jpg"), proof(gallery, "a.jpg")
    await deliver(db, final, photo)

    matched = (await emitted(db))[-1]
    assert isinstance(matched, TransferMatched)
    assert (matched.photo_id, matched.by_hand) == (photo.photo.id, False)


async def test_a_final_without_a_photo_comes_with_suggestions(db: Database, gallery: UUID) -> None:
    for number in range(1, 12):
        await deliver(db, proof(gallery, f"IMG_{number:04}.jpg"))
    await deliver(db, uploaded(gallery, "IMG_O010.jpg"))

    matched = (await emitted(db))[-1]
    assert isinstance(matched, TransferMatched)
    assert matched.photo_id is None
    assert matched.suggestions[0].filename == "IMG_0010.jpg"


async def test_a_photo_that_comes_later_is_suggested_too(db: Database, gallery: UUID) -> None:
    final = uploaded(gallery, "Anna Nowak-Edit.jpg")
    await deliver(
        db, final, proof(gallery, "Ana Nowak.jpg"), proof(gallery, "party.jpg"), proof(gallery, "Anna Nowak.jpg")
    )

    unlike, near, exact = [event for event in await emitted(db) if isinstance(event, TransferMatched)]
    assert unlike.suggestions == ()
    assert [one.filename for one in near.suggestions] == ["Ana Nowak.jpg"]
    assert [one.filename for one in exact.suggestions] == ["Anna Nowak.jpg"]


async def test_a_withdrawn_photo_is_no_longer_suggested(db: Database, gallery: UUID) -> None:
    near, exact, final = (
        proof(gallery, "Ana Nowak.jpg"),
        proof(gallery, "Anna Nowak.jpg"),
        uploaded(gallery, "Anna Nowak_1.jpg"),
    )
    await deliver(db, near, exact, final, withdrawn(exact))

    matched = (await emitted(db))[-1]
    assert isinstance(matched, TransferMatched)
    assert [one.filename for one in matched.suggestions] == ["Ana Nowak.jpg"]


async def test_photos_that_come_and_go_together_lead_to_what_they_would_one_by_one(db: Database, gallery: UUID) -> None:
    gone, natural, edited = (
        proof(gallery, "Anna Nowak.jpg"),
        uploaded(gallery, "Anna Nowak.jpg"),
        uploaded(gallery, "Anna Nowak_1.jpg"),
    )
    await deliver(db, gone, natural, edited)
    with caused_by(Cause(uuid7())):
        await deliver_together(db, [proof(gallery, "Ana Nowak.jpg"), withdrawn(gone)])

    state = await kept(db, gallery)
    assert await told(db, gallery) == state
    for _, _, suggestions in (state.matches[natural.transfer.id], state.matches[edited.transfer.id]):
        assert [one.filename for one in suggestions] == ["Ana Nowak.jpg"]


async def test_a_final_whose_photo_is_withdrawn_is_unmatched(db: Database, gallery: UUID) -> None:
    photo, final = proof(gallery, "a.jpg"), uploaded(gallery, "a.jpg")
    await deliver(db, photo, final, withdrawn(photo))

    assert (await kept(db, gallery)).matches == {final.transfer.id: UNMATCHED}


async def test_a_confirmed_match_gives_the_final_to_the_orders_of_the_photo(db: Database, gallery: UUID) -> None:
    order, photo, final = paid(gallery, "a.jpg"), proof(gallery, "a.jpg"), uploaded(gallery, "a-Edit.jpg")
    await deliver(db, order, photo, final)
    command = confirm(final, photo)
    await deliver(db, command)

    matched, granted, ready = (await emitted(db))[-3:]
    assert isinstance(matched, TransferMatched)
    assert (matched.photo_id, matched.by_hand, matched.causation_id) == (photo.photo.id, True, command.message_id)
    assert isinstance(granted, EntitlementsGranted)
    assert isinstance(ready, OrderReady)


async def test_a_confirmed_match_counts_for_later_uploads_of_that_name(db: Database, gallery: UUID) -> None:
    order, photo, final = paid(gallery, "a.jpg"), proof(gallery, "a.jpg"), uploaded(gallery, "a-Edit.jpg")
    await deliver(db, order, photo, final)
    await deliver(db, confirm(final, photo))
    again = uploaded(gallery, "A-EDIT.tif")
    await deliver(db, removed(final), again)

    state = await kept(db, gallery)
    assert state.grants == {grant(order, 0, again)}
    assert state.matches == {again.transfer.id: (photo.photo.id, True, ())}


async def test_a_match_taken_back_leaves_the_final_to_its_own_name(db: Database, gallery: UUID) -> None:
    order, a, b, final = (
        paid(gallery, "a.jpg"),
        proof(gallery, "a.jpg"),
        proof(gallery, "b.jpg"),
        uploaded(gallery, "b.jpg"),
    )
    await deliver(db, order, a, b, final)
    await deliver(db, confirm(final, a))
    assert (await kept(db, gallery)).grants == {grant(order, 0, final)}
    await deliver(db, take_back(final))

    state = await kept(db, gallery)
    assert (state.grants, state.ready) == (set(), set())
    assert state.matches == {final.transfer.id: (b.photo.id, False, ())}


async def test_a_confirmed_match_ends_with_its_photo(db: Database, gallery: UUID) -> None:
    a, b, final = proof(gallery, "a.jpg"), proof(gallery, "b.jpg"), uploaded(gallery, "b.jpg")
    await deliver(db, a, b, final)
    await deliver(db, confirm(final, a))
    await deliver(db, withdrawn(a))

    assert (await kept(db, gallery)).matches == {final.transfer.id: (b.photo.id, False, ())}


async def test_a_confirmed_match_counts_again_when_its_photo_is_uploaded_anew(db: Database, gallery: UUID) -> None:
    photo, anew, final = proof(gallery, "a.jpg"), proof(gallery, "A.JPG"), uploaded(gallery, "z.jpg")
    await deliver(db, photo, final, confirm(final, photo), withdrawn(photo), anew)

    assert (await kept(db, gallery)).matches == {final.transfer.id: (anew.photo.id, True, ())}


async def test_a_command_that_changes_nothing_is_answered(db: Database, gallery: UUID) -> None:
    photo, final = proof(gallery, "a.jpg"), uploaded(gallery, "a_1.jpg")
    await deliver(db, photo, final)
    for command in (take_back(final), take_back(final)):
        await deliver(db, command)
        answer = (await emitted(db))[-1]
        assert isinstance(answer, TransferMatched)
        assert (answer.causation_id, answer.photo_id) == (command.message_id, None)
        assert [one.filename for one in answer.suggestions] == ["a.jpg"]


async def test_a_match_may_be_confirmed_before_the_files_are_heard_of(db: Database, gallery: UUID) -> None:
    photo, final = proof(gallery, "a.jpg"), uploaded(gallery, "z.jpg")
    await deliver(db, confirm(final, photo))
    answer = (await emitted(db))[-1]
    assert isinstance(answer, TransferMatched)
    assert (answer.photo_id, answer.by_hand) == (photo.photo.id, True)
    await deliver(db, final)

    assert (await kept(db, gallery)).matches == {final.transfer.id: (photo.photo.id, True, ())}


async def test_the_last_word_counts_whenever_it_is_delivered(db: Database, gallery: UUID) -> None:
    photo, final = proof(gallery, "a.jpg"), uploaded(gallery, "z.jpg")
    await deliver(db, photo, final)
    await deliver(db, take_back(final))
    late = confirm(final, photo).model_copy(update={"occurred_at": utc_now() - timedelta(seconds=1)})
    await deliver(db, late)

    assert (await kept(db, gallery)).matches == {final.transfer.id: UNMATCHED}
    assert (await emitted(db))[-1].causation_id == late.message_id
