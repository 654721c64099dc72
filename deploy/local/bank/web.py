"""The bank's pages for people, and its API for the shop."""

import asyncio
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import Depends, FastAPI, HTTPException, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from fastapi.templating import Jinja2Templates

from deploy.local.bank.checkouts import Asked, Checkout, Checkouts, State
from deploy.local.bank.telling import tell

TEMPLATES = Jinja2Templates(directory=Path(__file__).parent / "templates")
PAGE_POLICY = "default-src 'none'; style-src 'unsafe-inline'"
LATE = 20.0
"""Seconds."""

Action = Literal["pay", "pay-late", "pay-thrice", "pay-wrong", "decline", "refund"]


@dataclass(frozen=True)
class Deed:
    """What an action makes of a checkout, and what the shop is told of it."""

    label: str
    becomes: State
    kind: str = "payment.succeeded"
    possible: frozenset[State] = frozenset({"open", "declined"})
    more: int = 0
    """Minor units paid beyond what was asked for."""
    times: int = 1
    after: float = 0
    """Seconds."""


ACTIONS: dict[Action, Deed] = {
    "pay": Deed("Pay", "paid"),
    "pay-late": Deed("Send it late", "paid", after=LATE),
    "pay-thrice": Deed("Send it three times", "paid", times=3),
    "pay-wrong": Deed("Pay the wrong amount", "paid", more=1),
    "decline": Deed("Decline", "declined", "payment.failed"),
    "refund": Deed("Give the money back", "refunded", "payment.refunded", frozenset({"paid"})),
}


def pages(checkouts: Checkouts) -> FastAPI:
    """The application."""
    app = FastAPI(title="Photoferry's pretend bank")
    telling = set[asyncio.Task[None]]()

    def one(checkout_id: UUID) -> Checkout:
        if checkout := checkouts.get(checkout_id):
            return checkout
        raise HTTPException(404, f"there is no checkout {checkout_id}")

    found = Annotated[Checkout, Depends(one)]

    @app.post("/api/checkouts", status_code=201)
    async def open_checkout(asked: Asked, request: Request) -> dict[str, Any]:
        """Open a checkout; asked again with the same id, the same."""
        checkout = checkouts.open(asked)
        return checkout.shown() | {"url": str(request.url_for("show", checkout_id=checkout.id))}

    @app.get("/api/checkouts/{checkout_id}")
    async def read_checkout(checkout: found) -> dict[str, Any]:
        """What has become of a checkout."""
        return checkout.shown()

    @app.get("/checkouts/{checkout_id}", response_class=HTMLResponse)
    async def show(request: Request, checkout: found) -> Response:
        headers = {"Content-Security-Policy": PAGE_POLICY}
        actions = [(name, deed.label) for name, deed in ACTIONS.items() if checkout.state in deed.possible]
        shown = {"checkout": checkout, "actions": actions}
        return TEMPLATES.TemplateResponse(request, "checkout.html", shown, headers=headers)

    @app.post("/checkouts/{checkout_id}/{action}")
    async def act(action: Action, checkout: found) -> Response:
        """Do what the client chose, tell the shop, and send the client back there."""
        done = ACTIONS[action]
        if checkout.state in done.possible:
            paid = checkout.amount + done.more if done.becomes == "paid" else checkout.paid
            checkout = checkout.model_copy(update={"state": done.becomes, "paid": paid})
            checkouts.put(checkout)
            task = asyncio.create_task(tell(checkout, done.kind, paid, times=done.times, after=done.after))
            telling.add(task)
            task.add_done_callback(telling.discard)
        return RedirectResponse(str(checkout.return_url), 303)

    return app
