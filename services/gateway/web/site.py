"""Every page, in one router."""

from fastapi import APIRouter

from services.gateway.web.account import page as account
from services.gateway.web.again import page as again
from services.gateway.web.anyone import page as anyone
from services.gateway.web.bank import page as bank
from services.gateway.web.code import page as code
from services.gateway.web.deletions import page as deletions
from services.gateway.web.downloads import page as downloads
from services.gateway.web.forgotten import page as forgotten
from services.gateway.web.galleries import page as galleries
from services.gateway.web.gallery import page as gallery
from services.gateway.web.login import page as login
from services.gateway.web.operator import page as operator
from services.gateway.web.order import page as order
from services.gateway.web.ordering import basket, status
from services.gateway.web.ordering import page as ordering
from services.gateway.web.orders import page as orders
from services.gateway.web.payments import page as payments
from services.gateway.web.photos import page as photos
from services.gateway.web.programs import page as programs
from services.gateway.web.providers import page as providers
from services.gateway.web.reminders import page as reminders
from services.gateway.web.settings import page as settings
from services.gateway.web.systems import page as systems
from services.gateway.web.transfer import page as transfer
from services.gateway.web.waiting import page as waiting

routes = APIRouter()
for _open in (login, forgotten, waiting, programs):
    routes.include_router(_open.open_routes)
routes.include_router(forgotten.routes)
for _studios in (login, account, galleries, photos, transfer, orders, order, reminders, bank, settings):
    routes.include_router(_studios.routes)
for _studios in (providers, payments, systems, operator, deletions):
    routes.include_router(_studios.routes)
for _clients in (gallery, basket, ordering, status, again, code, anyone, downloads):
    routes.include_router(_clients.routes)
