"""Every page, in one router."""

from fastapi import APIRouter

from services.gateway.web.account import page as account
from services.gateway.web.downloads import page as downloads
from services.gateway.web.galleries import page as galleries
from services.gateway.web.gallery import page as gallery
from services.gateway.web.login import page as login
from services.gateway.web.photos import page as photos
from services.gateway.web.reminders import page as reminders
from services.gateway.web.settings import page as settings
from services.gateway.web.waiting import page as waiting

routes = APIRouter()
for _open in (login, waiting):
    routes.include_router(_open.open_routes)
for _page in (login, account, galleries, photos, settings, reminders, gallery, downloads):
    routes.include_router(_page.routes)
