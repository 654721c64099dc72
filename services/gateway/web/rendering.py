"""Pages from templates, in the reader's language; everything that people wrote is escaped."""

import gzip
from functools import cache, partial
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from contracts import money
from contracts.base import Money
from contracts.orders import Locale
from services.gateway.state import Gateway
from services.gateway.web import formats
from services.gateway.web.explaining import explain_client, explain_mail, explain_unsent, explain_webhook
from services.gateway.web.qr import qr
from services.gateway.web.static import asset_urls
from services.gateway.web.wording import plural_samples, wanted_locale, words


@cache
def environment(locale: Locale, time_zone: str) -> Environment:
    """Templates that speak `locale`; times are of `time_zone`."""
    made = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    made.install_gettext_translations(words(locale), newstyle=True)  # type: ignore[attr-defined]
    zone = ZoneInfo(time_zone)
    made.filters |= {
        "money": lambda sum: money.shown(Money(**dict(sum)), locale),
        "moment": partial(formats.moment, locale=locale, zone=zone),
        "day": partial(formats.day, locale=locale, zone=zone),
        "short_day": partial(formats.short_day, locale=locale, zone=zone),
        "qr": qr,
        "who": partial(explain_client, locale=locale),
        "mail_error": partial(explain_mail, locale=locale),
        "days_left": formats.days_left,
        "until": partial(formats.until, locale=locale),
        "unsent": partial(explain_unsent, locale=locale),
        "refusal": partial(explain_webhook, locale=locale),
        "size": partial(formats.size, locale=locale),
    }
    made.globals |= {"locale": locale, "assets": asset_urls()}
    made.globals["plural_samples"] = plural_samples(locale)
    return made


def locale_of(request: Request) -> Locale:
    """The language of a page: of the gallery or order that it shows, of the studio logged in, else of the browser."""
    state = request.state
    if hasattr(state, "locale"):
        return str(state.locale)
    if hasattr(state, "order"):
        return str(state.order.locale)
    if hasattr(state, "gallery"):
        return str(state.gallery.settings.locale)
    if hasattr(state, "caller"):
        return str(state.caller.locale)
    return wanted_locale(request.headers.get("accept-language", ""))


def render(request: Request, template: str, status: int = 200, **shown: Any) -> HTMLResponse:
    """The page or fragment that `template` (a path below this folder) makes of what is `shown`."""
    ours: Gateway = request.app.state.gateway
    page = environment(locale_of(request), ours.settings.time_zone).get_template(template)
    caller = getattr(request.state, "caller", None)
    text = page.render(shown, request=request, caller=caller, signup=ours.settings.signup).encode()
    if "gzip" not in request.headers.get("accept-encoding", ""):
        return HTMLResponse(text, status, headers=page_headers(ours))
    # A page of photos is mostly addresses that are alike: an eighth is left of it.
    zipped = page_headers(ours) | {"Content-Encoding": "gzip"}
    return HTMLResponse(gzip.compress(text, compresslevel=4), status, headers=zipped)


def page_headers(ours: Gateway) -> dict[str, str]:
    """What a page may do: only our own scripts and styles, pictures and uploads from and to our store."""
    store = ours.signer.store_origin
    policy = (
        f"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob: {store}; "
        f"connect-src 'self' {store}; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )
    return {"Content-Security-Policy": policy}


def is_partial(request: Request) -> bool:
    """Whether a script asks, for a part of a page; otherwise a browser asks for a page."""
    return "hx-request" in request.headers


def done(request: Request, then: str) -> Response:
    """After a form is posted: scripts look at the page again by themselves, browsers go to `then`."""
    return Response(status_code=204) if is_partial(request) else go(request, then)


def local_path(wanted: str) -> str:
    """`wanted` when it is a path of this site, else the start: nobody is sent elsewhere by a link to us."""
    return wanted if wanted.startswith("/") and not wanted.startswith(("//", "/\\")) else "/"


def go(request: Request, then: str) -> Response:
    """Go to another page."""
    if is_partial(request):
        return Response(status_code=204, headers={"HX-Redirect": then})
    return RedirectResponse(then, 303)
