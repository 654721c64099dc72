"""What programs can do: every call of the API, in English as its document is."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from babel.dates import format_timedelta
from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from services.gateway.outgoing import deliveries
from services.gateway.web.rendering import render

open_routes = APIRouter(include_in_schema=False)


@open_routes.get("/api/docs")
async def show(http: Request) -> Response:
    """Every call: its method, path, meaning, parameters, and the fields of its body."""
    http.state.locale = "en"
    document = http.app.openapi()
    return render(http, "programs/page.html", calls=list(_calls(document)), document=http.app.openapi_url)


@open_routes.get("/api/docs/webhooks")
async def show_webhooks(http: Request) -> Response:
    """What is told to a studio's own systems, how its signature is checked, and when it is tried again."""
    http.state.locale = "en"
    pauses = [timedelta(seconds=seconds) for seconds in deliveries.PAUSES]
    return render(http, "programs/webhooks.html", pauses=[format_timedelta(pause, locale="en") for pause in pauses])


def _calls(document: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for path, methods in document["paths"].items():
        for method, call in methods.items():
            yield {
                "method": method.upper(),
                "path": path,
                "meaning": call.get("description", call["summary"]),
                "parameters": call.get("parameters", []),
                "fields": _fields(document, call.get("requestBody", {}).get("content", {})),
            }


def _fields(document: dict[str, Any], content: dict[str, Any]) -> list[dict[str, Any]]:
    """Of a JSON body."""
    name = content.get("application/json", {}).get("schema", {}).get("$ref", "").rsplit("/", 1)[-1]
    schema = document["components"]["schemas"].get(name, {})
    required = schema.get("required", ())
    return [{"name": field, "required": field in required} for field in schema.get("properties", {})]
