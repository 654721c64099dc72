"""What all pages behind a gallery's public link have in common."""

from datetime import UTC, datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from contracts.orders import DownloadPolicy
from services.gateway.reads.galleries import PublicGallery, is_open
from services.gateway.web.rendering import render


def base_of(http: Request) -> str:
    """What the addresses of a gallery's pages begin with."""
    return f"/g/{http.path_params['public_token']}"


def render_public(
    http: Request, gallery: PublicGallery, template: str, status: int = 200, *, tab: str | None = None, **shown: Any
) -> Response:
    """A page of a gallery; `tab`: which of the frame's tabs it is."""
    return render(
        http,
        template,
        status,
        gallery=gallery.settings,
        studio=gallery.studio.name,
        contact=gallery.studio.email,
        base=base_of(http),
        open=is_open(gallery.settings, datetime.now(UTC)),
        anyone=gallery.settings.download_policy is DownloadPolicy.ANYONE,
        tab=tab,
        **shown,
    )
