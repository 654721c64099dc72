"""Every write: a command in the outbox, committed with the request, answered when its result is in the view.

Each action's answer is made by the function that says `@answers("action")`, beside its route. Of a request that can be
asked about again the first answer is kept, and is the only one.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from starlette.requests import Request as HttpRequest
from starlette.responses import JSONResponse, Response

from chassis import outbox
from chassis.db import Tx
from contracts.base import Cause, Command, caused_by, uuid7
from services.gateway.errors import Problem, not_found
from services.gateway.state import Gateway
from services.gateway.view import requests
from services.gateway.view.requests import Request

Answer = Callable[[Gateway, Request], Awaitable[Response]]
Alongside = Callable[[Tx, UUID], Awaitable[None]]
POLL = 0.5
"""Seconds between looks for an answer whose announcement was lost."""
LONGEST_KEY = 255
"""Characters in an `Idempotency-Key`."""

_answers: dict[str, Answer] = {}
_not_kept: set[str] = set()


@dataclass(frozen=True, slots=True)
class Write:
    """What to do, and how to answer: by which action, about what (JSON), after how many answering events.

    `alongside` is done in the same transaction, with the request's id. `key`: an idempotency key from a form.
    """

    action: str
    subject: Any
    command: Callable[[], Command]
    gallery_id: UUID | None
    answers: int = 1
    alongside: Alongside | None = None
    key: str | None = None


def answers(action: str, *, kept: bool = True) -> Callable[[Answer], Answer]:
    """Make the decorated function the one that answers `action` once its result is in the view, refused or not.

    `kept=False`: it is made of the request's subject alone and so the same each time; a token in it is stored nowhere.
    """

    def register(answer: Answer) -> Answer:
        _answers[action] = answer
        if not kept:
            _not_kept.add(action)
        return answer

    return register


async def do(ours: Gateway, http: HttpRequest, scope: str, write: Write) -> Response:
    """Submit a write for a caller (`scope`) and answer it: at once with its result, or `202` after the wait.

    Raises `Problem` when it is refused.
    """
    with caused_by(Cause(uuid7())):
        command = write.command()
    claim = await _claim_of(ours, http, scope, write.action, write.gallery_id, write.key)
    with ours.listener.awaiting(command.message_id) as done:
        async with ours.db.transaction() as tx:
            await check_gallery(tx, write.gallery_id)
            subject = json.dumps(write.subject)
            is_new = await requests.add(tx, command.message_id, claim, subject=subject, pending=write.answers)
            if is_new:
                await outbox.emit(tx, command)
            if is_new and write.alongside:
                await write.alongside(tx, command.message_id)
        answer = _answer_in_time(ours, command.message_id, claim, done) if is_new else _repeat(ours, claim)
        return _unless_refused(await answer)


async def do_here(
    ours: Gateway,
    http: HttpRequest,
    scope: str,
    action: str,
    effect: Callable[[Tx], Awaitable[Any]],
    gallery_id: UUID | None = None,
) -> Response:
    """Do a write that is the gateway's own: `effect` does it and returns the subject of the answer."""
    claim, request_id = await _claim_of(ours, http, scope, action, gallery_id), uuid7()
    with caused_by(Cause(request_id)):
        async with ours.db.transaction() as tx:
            await check_gallery(tx, gallery_id)
            is_new = claim.key is None or await requests.add(tx, request_id, claim, subject="null", pending=0)
            subject = json.dumps(await effect(tx)) if is_new else "null"
            if is_new and claim.key is not None:
                await requests.set_subject(tx, request_id, subject)
    done = requests.done(request_id, action, subject)
    return _unless_refused(await (_answer(ours, done, claim) if is_new else _repeat(ours, claim)))


async def sent_before(ours: Gateway, scope: str, key: str) -> Request | None:
    """What the caller has asked for with this idempotency key."""
    async with ours.db.pool.acquire() as connection:
        return await requests.by_key(connection, scope, key)


async def poll(ours: Gateway, request_id: UUID) -> Response:
    """What `GET /api/v1/requests/{id}` answers. Raises `Problem` 404 when there is no such request."""
    request = await _read(ours, request_id)
    if request is None:
        raise not_found("request")
    return await answer_of(ours, request)


async def answer_of(ours: Gateway, request: Request) -> Response:
    """The answer of a request, or where to look for it later. Raises the `Problem` that it was refused with."""
    return _unless_refused(await _first_answer(ours, request)) if request.answered else come_back(request.id)


def come_back(request_id: UUID) -> Response:
    """`202`: accepted, it will be done; look here for the answer."""
    location = f"/api/v1/requests/{request_id}"
    return JSONResponse({"status": "accepted", "location": location}, 202, headers={"Location": location})


def refuse(request: Request) -> None:
    """Raises the first refusal of a request as `Problem`."""
    if request.refusals:
        raise Problem.of(request.refusals[0])


def _unless_refused(answer: Response) -> Response:
    """Raises the `Problem` that an answer is, so that programs and people each get it in their form."""
    if answer.status_code >= 400:
        raise Problem.read(answer)
    return answer


async def check_gallery(tx: Tx, gallery_id: UUID | None) -> None:
    """Raises `Problem` 404 when the gallery was deleted since the guard looked (rule 9)."""
    if gallery_id is not None and not await tx.fetchval("SELECT lives($1)", gallery_id):
        raise not_found("gallery")


async def _answer(ours: Gateway, request: Request, claim: requests.Claim) -> Response:
    """For who has waited. Without a key nobody asks again, so nothing is kept."""
    return await (_answer_now(ours, request) if claim.key is None else _first_answer(ours, request))


async def _answer_now(ours: Gateway, request: Request) -> Response:
    """From the view as it is."""
    try:
        return await _answers[request.action](ours, request)
    except Problem as problem:
        return problem.response()


async def _first_answer(ours: Gateway, request: Request) -> Response:
    """What was answered first, to the letter; if nothing was yet, this is it."""
    if request.answer is not None:
        return _unpacked(ours.signer.unseal(request.answer))
    response = await _answer_now(ours, request)
    if request.action in _not_kept:
        return response
    first = await requests.keep_answer(ours.db, request.id, ours.signer.seal(_packed(response)))
    return response if first is None else _unpacked(ours.signer.unseal(first))


def _packed(response: Response) -> bytes:
    """A whole response: status and headers as one line of JSON, then the body."""
    head = json.dumps([response.status_code, dict(response.headers)])
    return head.encode() + b"\n" + response.body


def _unpacked(packed: bytes) -> Response:
    head, _, body = packed.partition(b"\n")
    status, headers = json.loads(head)
    return Response(body, status, headers)


async def _answer_in_time(ours: Gateway, request_id: UUID, claim: requests.Claim, done: asyncio.Event) -> Response:
    with suppress(TimeoutError):
        async with asyncio.timeout(ours.settings.wait_for_view):
            while (request := await _read_when_told(ours, request_id, done)) is None or not request.answered:
                pass
        return await _answer(ours, request, claim)
    await ours.db.pool.execute("UPDATE request SET gave_up = true WHERE id = $1", request_id)
    return come_back(request_id)


async def _read_when_told(ours: Gateway, request_id: UUID, done: asyncio.Event) -> Request | None:
    with suppress(TimeoutError):
        async with asyncio.timeout(POLL):
            await done.wait()
    return await _read(ours, request_id)


async def _read(ours: Gateway, request_id: UUID) -> Request | None:
    async with ours.db.pool.acquire() as connection:
        return await requests.by_id(connection, request_id)


async def _repeat(ours: Gateway, claim: requests.Claim) -> Response:
    """The same key again: the same answer, or why not."""
    request = await sent_before(ours, claim.scope, claim.key or "")
    if request is None or request.fingerprint != claim.fingerprint:
        raise Problem(
            422, "idempotency-key-reused", "This Idempotency-Key was used for something else; take a new one."
        )
    if request.answered:
        return await _first_answer(ours, request)
    if request.gave_up:
        return come_back(request.id)
    raise Problem(409, "in-progress", "A request with this Idempotency-Key is in progress; wait for its answer.")


async def _claim_of(
    ours: Gateway, http: HttpRequest, scope: str, action: str, gallery_id: UUID | None, key: str | None = None
) -> requests.Claim:
    if key is None and http.method == "POST":
        key = http.headers.get("idempotency-key")
    if key is not None and not (key.isprintable() and 1 <= len(key) <= LONGEST_KEY):
        detail = f"An Idempotency-Key has 1 to {LONGEST_KEY} characters, none of them a control character."
        raise Problem(422, "invalid-idempotency-key", detail, field="Idempotency-Key")
    same = b"\0".join((http.method.encode(), http.url.path.encode(), await http.body()))
    return requests.Claim(scope, key, ours.signer.fingerprint(same), action, gallery_id)
