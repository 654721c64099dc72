"""Errors as RFC 9457 problem documents: never a stack trace, always what to do."""

import json
from collections.abc import Callable, Mapping
from typing import Any

import structlog
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response

from chassis.db import UNREACHABLE
from chassis.object_errors import ObjectError, StoreUnreachable
from contracts.base import Refused
from services.gateway import invalid

log = structlog.get_logger()

TYPE = "https://photoferry.dev/problems/"


class Problem(Exception):
    """What the caller did wrong: status, a code for programs, a sentence for people, the field at fault."""

    def __init__(
        self, status: int, code: str, detail: str, *, field: str | None = None, headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.code = code
        self.detail = detail
        self.errors = [{"field": field, "message": detail}] if field else []
        self.headers = headers

    @classmethod
    def of(cls, refused: Refused) -> "Problem":
        """What another service refused."""
        return cls(refused.status, refused.code, refused.detail, field=refused.field)

    @classmethod
    def read(cls, document: Response) -> "Problem":
        """What `response` has made, read back."""
        fields = json.loads(bytes(document.body))
        problem = cls(fields["status"], fields["type"].removeprefix(TYPE), fields["detail"])
        problem.errors = fields.get("errors", [])
        return problem

    def response(self) -> JSONResponse:
        """As `application/problem+json`."""
        title = self.code.replace("-", " ").capitalize()
        body: dict[str, Any] = {"type": TYPE + self.code, "title": title, "status": self.status, "detail": self.detail}
        if self.errors:
            body["errors"] = self.errors
        return JSONResponse(body, self.status, headers=self.headers, media_type="application/problem+json")


def client_erased() -> Problem:
    """There is nobody left to correct, to mail, or to give a link to."""
    return Problem(409, "client-erased", "The personal data of this order is erased; it cannot be changed any more.")


def not_found(what: str = "page") -> Problem:
    """It is not there, or it is not yours: nobody learns which."""
    return Problem(404, "not-found", f"There is no such {what} here.")


def too_large() -> Problem:
    """A body of more bytes than the route takes."""
    return Problem(413, "body-too-large", "This is more than can be sent here at once; send less at a time.")


Respond = Callable[[Request, Problem], Response]


def handle_problems(app: FastAPI, respond: Respond) -> None:
    """Answer every error of `app` with what `respond` makes of it."""

    @app.exception_handler(Problem)
    async def _problem(request: Request, problem: Problem) -> Response:
        return respond(request, problem)

    _handle_store(app, respond)

    async def _database(request: Request, error: Exception) -> Response:
        log.warning("a request met no database", error=f"{type(error).__name__}: {error}")
        detail = "The database does not answer; nothing is lost. Try again in a moment."
        return respond(request, Problem(503, "database-unreachable", detail, headers={"Retry-After": "5"}))

    for kind in UNREACHABLE:
        app.add_exception_handler(kind, _database)

    @app.exception_handler(ClientDisconnect)
    async def _gone(_: Request, __: ClientDisconnect) -> Response:
        return Response(status_code=400)  # nobody hears it

    @app.exception_handler(HTTPException)
    async def _http(request: Request, error: HTTPException) -> Response:
        if error.status_code == 413:
            return respond(request, too_large())
        code = {404: "not-found", 405: "method-not-allowed", 408: "too-slow"}.get(error.status_code, "refused")
        return respond(request, Problem(error.status_code, code, str(error.detail), headers=error.headers))

    @app.exception_handler(RequestValidationError)
    async def _invalid(request: Request, error: RequestValidationError) -> Response:
        return respond(request, _of_validation(error))

    @app.exception_handler(Exception)
    async def _failed(request: Request, _: Exception) -> Response:
        return respond(request, Problem(500, "failed", "Something went wrong here. Try again in a moment."))


def _handle_store(app: FastAPI, respond: Respond) -> None:
    @app.exception_handler(StoreUnreachable)
    async def _store(request: Request, _: StoreUnreachable) -> Response:
        detail = "The store of the files does not answer; nothing is lost. Try again in a minute."
        return respond(request, Problem(503, "store-unreachable", detail, headers={"Retry-After": "60"}))

    @app.exception_handler(ObjectError)
    async def _object(request: Request, error: ObjectError) -> Response:
        log.error("the store has not what the view names", error=str(error))
        detail = "A photo is missing here, or is not what it was. Trying again does not help: tell the photographer."
        return respond(request, Problem(503, "file-missing", detail))


def _of_validation(error: RequestValidationError) -> Problem:
    errors = invalid.problems(error.errors())
    problem = Problem(422, "invalid", " ".join(f"{each['field']}: {each['message']}" for each in errors))
    problem.errors = errors
    return problem
