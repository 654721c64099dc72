"""Webhooks get lost: checkouts that were started and never heard of again are asked about, ever more rarely."""

import asyncio
import traceback
from dataclasses import replace

import structlog

from chassis.periodic import for_ever
from services.gateway.payments import checkout_store, webhooks
from services.gateway.payments.cashier import Cashier
from services.gateway.payments.providers import BadWebhook, Checkout, ProviderRefused, ProviderUnreachable
from services.gateway.payments.registry import PAGES
from services.gateway.payments.webhooks import Webhook

MOST = 10
"""Checkouts asked about at once; no provider is asked faster."""

log = structlog.get_logger()


async def look_for_ever(cashier: Cashier, every: float) -> None:
    """Look for lost payments `every` so many seconds, and when a provider waits for it, until cancelled."""
    await for_ever("looking for lost payments", lambda: look(cashier), every=every, sooner=cashier.look_now)


async def look(cashier: Cashier) -> None:
    """Ask the providers about all checkouts that are due; what they say is taken in like a webhook.

    At last they are asked no more.
    """
    while due := await checkout_store.to_look_at(cashier.db, MOST, cashier.servers):
        looks = (_look_up(cashier, checkout) for checkout in due)
        for checkout, error in zip(due, await asyncio.gather(*looks, return_exceptions=True), strict=True):
            if error is not None:  # one that fails keeps nobody from the others; its text may hold what nobody may see
                trace = "".join(traceback.format_tb(error.__traceback__))
                log.error("look-up failed", checkout=str(checkout.id), error=type(error).__name__, trace=trace)
        await webhooks.end(cashier.db, due)


async def _look_up(cashier: Cashier, checkout: Checkout) -> None:
    shop = await cashier.shop(checkout.studio_id, checkout.provider)
    if shop is None:
        return
    try:
        notice = await PAGES[checkout.provider].look_up(shop, checkout)
    except (ProviderUnreachable, ProviderRefused, BadWebhook) as error:
        log.warning("payment not looked up", provider=checkout.provider, checkout=str(checkout.id), error=str(error))
        return
    if notice:
        notice = replace(notice, order_id=checkout.order_id, checkout_id=checkout.id)
        await webhooks.accept(cashier.db, [Webhook(checkout.studio_id, checkout.provider, notice, b"")])
