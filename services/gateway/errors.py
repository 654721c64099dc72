"""Errors as RFC 9457 problem documents: never a stack trace, always what to do."""

from collections.abc import Mapping
from typing import Any

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse

from chassis.object_errors import StoreUnreachable
from contracts.base import Refused
from services.gateway import invalid

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

    def response(self) -> JSONResponse:
        """As `application/problem+json`."""
        return _response(self.status, self.code, self.detail, self.errors, self.headers)


def not_found(what: str = "page") -> Problem:
    """It is not there, or it is not yours: nobody learns which."""
    return Problem(404, "not-found", f"There is no such {what} here.")


def handle_problems(app: FastAPI) -> None:
    """Answer every error of `app` with a problem document."""

    @app.exception_handler(Problem)
    async def _problem(_: Request, problem: Problem) -> JSONResponse:
        return problem.response()

    @app.exception_handler(StoreUnreachable)
    async def _store(_: Request, __: StoreUnreachable) -> JSONResponse:
        detail = "The store of the files does not answer; nothing is lost. Try again in a minute."
        return _response(503, "store-unreachable", detail, [], {"Retry-After": "60"})

    @app.exception_handler(HTTPException)
    async def _http(_: Request, error: HTTPException) -> JSONResponse:
        code = {404: "not-found", 405: "method-not-allowed", 413: "body-too-large"}.get(error.status_code, "refused")
        return _response(error.status_code, code, str(error.detail), [], error.headers)

    @app.exception_handler(RequestValidationError)
    async def _invalid(_: Request, error: RequestValidationError) -> JSONResponse:
        errors = invalid.problems(error.errors())
        detail = " ".join(f"{each['field']}: {each['message']}" for each in errors)
        return _response(422, "invalid", detail, errors, None)

    @app.exception_handler(Exception)
    async def _failed(_: Request, __: Exception) -> JSONResponse:
        return _response(500, "failed", "Something went wrong here. Try again in a moment.", [], None)


def _response(
    status: int, code: str, detail: str, errors: list[dict[str, Any]], headers: Mapping[str, str] | None
) -> JSONResponse:
    body = {"type": TYPE + code, "title": code.replace("-", " ").capitalize(), "status": status, "detail": detail}
    if errors:
        body["errors"] = errors
    return JSONResponse(body, status, headers=headers, media_type="application/problem+json")
