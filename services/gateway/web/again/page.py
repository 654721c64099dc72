"""**Send my link again**: for who cannot find the mail with the personal link."""

from starlette.requests import Request
from starlette.responses import Response

from services.gateway import auth
from services.gateway.guard import Ours
from services.gateway.routes import public_links
from services.gateway.routes.public import Gallery
from services.gateway.routes.schemas import ClientEmail
from services.gateway.web.forms import Form, posted
from services.gateway.web.gallery.frame import base_of, render_public
from services.gateway.web.rendering import go
from services.gateway.web.routing import public_pages

routes = public_pages()


@routes.get("/my-link")
async def show(http: Request, gallery: Gallery, sent: bool = False) -> Response:
    """One field and one button; once `sent`, the same words whether the address is known or not."""
    return render_public(http, gallery, "again/page.html", form=Form(gallery.settings.locale), sent=sent)


@routes.post("/my-link")
async def send(http: Request, gallery: Gallery, ours: Ours) -> Response:
    """Mail the links of the address's orders to that address, if there are any."""
    auth.check_origin(http, ours.settings.public_url)
    form = await posted(http)
    with form:
        await public_links.resend_link(ClientEmail(email=form.values.get("email", "")), http, ours, gallery)
        return go(http, f"{base_of(http)}/my-link?sent=true")
    return render_public(http, gallery, "again/page.html", 422, form=form, sent=False)
