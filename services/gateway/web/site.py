"""Every page, in one router."""

from fastapi import APIRouter

from services.gateway.web.downloads import page as downloads
from services.gateway.web.galleries import page as galleries
from services.gateway.web.gallery import page as gallery
from services.gateway.web.login import page as login
from services.gateway.web.order import page as order
from services.gateway.web.orders import page as orders
from services.gateway.web.photos import page as photos
from services.gateway.web.waiting import page as waiting

routes = APIRouter()
for _page in (login.open_routes, waiting.open_routes, login.routes, galleries.routes, photos.routes):
    routes.include_router(_page)
for _page in (orders.routes, order.routes):
    routes.include_router(_page)
for _page in (gallery.routes, downloads.routes):
    routes.include_router(_page)
