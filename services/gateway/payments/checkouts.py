"""Online payments are started here: the row is committed, then the provider is asked with the row's id as its key.

A crash in between, or two presses at once, end in one checkout.
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress

import structlog

from services.gateway.errors import Problem
from services.gateway.payments import checkout_store
from services.gateway.payments.cashier import Cashier
from services.gateway.payments.providers import (
    Checkout,
    CheckoutLost,
    ProviderRefused,
    ProviderUnreachable,
    Purchase,
)
from services.gateway.payments.registry import PAGES
from services.gateway.writes import check_gallery

STARTED_MEANWHILE = 3.0
"""Seconds to wait for another request that is starting the same checkout just now."""
LOOKS = 30

log = structlog.get_logger()


async def url_of(cashier: Cashier, new: Callable[[], Checkout], purchase: Callable[[Checkout], Purchase]) -> str:
    """Where the order of a `new` checkout is paid: on the page of its open one, or of this. Raises `Problem`."""
    for _ in range(2):
        async with cashier.db.transaction() as tx:
            await check_gallery(tx, (fresh := new()).gallery_id)
            checkout = await checkout_store.open_or_new(tx, fresh)
        with suppress(CheckoutLost):
            return checkout.url or await _start(cashier, purchase(checkout))
        if url := await _started_meanwhile(cashier, checkout):
            return url
        await checkout_store.give_up(cashier.db, checkout.id)
    raise _unreachable()


async def _start(cashier: Cashier, purchase: Purchase) -> str:
    checkout = purchase.checkout
    shop = await cashier.shop(checkout.studio_id, checkout.provider)
    if shop is None:
        raise no_page()
    try:
        started = await PAGES[checkout.provider].start(shop, purchase)
    except ProviderUnreachable as error:
        _log(checkout, error)
        raise _unreachable() from None
    except CheckoutLost as error:
        _log(checkout, error)
        raise
    except ProviderRefused as error:
        _log(checkout, error)
        await checkout_store.give_up(cashier.db, checkout.id)
        raise _refused() from None
    await checkout_store.opened(cashier.db, checkout.id, started)
    return started.url


async def _started_meanwhile(cashier: Cashier, checkout: Checkout) -> str | None:
    for _ in range(LOOKS):
        now = await checkout_store.one(cashier.db, checkout.id)
        if now is None or now.url:
            return now.url if now else None
        await asyncio.sleep(STARTED_MEANWHILE / LOOKS)
    return None


def no_page() -> Problem:
    """The studio has connected no provider that has a page to pay on."""
    detail = "The photographer takes no payments online: pay as the order says."
    return Problem(409, "no-online-payment", detail)


def _unreachable() -> Problem:
    detail = "The payment page cannot be reached just now. Nothing was paid; try again in a minute."
    return Problem(503, "provider-unreachable", detail, headers={"Retry-After": "60"})


def _refused() -> Problem:
    detail = "The payment page does not open. Nothing was paid; tell the photographer, or pay as the order says."
    return Problem(502, "provider-refused", detail)


def _log(checkout: Checkout, error: Exception) -> None:
    log.warning("checkout not started", provider=checkout.provider, checkout=str(checkout.id), error=str(error))
