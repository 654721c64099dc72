"""What browsers are told where people come by https: cookies and the connection are for that only."""

from collections.abc import AsyncIterator

import pytest

from tests.gateway.client import Answer, StudioClient
from tests.gateway.links.scene import Scene
from tests.gateway.making import photo_uploaded
from tests.gateway.running import RunningGateway, running_gateway
from tests.infra import Servers

PUBLIC = "https://photos.example.com"
ORIGIN = {"Origin": PUBLIC}
LOG_IN = {"email": "ala@example.com", "password": "correct horse battery"}


@pytest.fixture(scope="module")
async def gateway(servers: Servers, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RunningGateway]:
    """A gateway behind something that has the certificate of its public name."""
    async with running_gateway(servers, tmp_path_factory.mktemp("https"), public_url=PUBLIC) as running:
        yield running


@pytest.fixture(scope="module")
async def scene(gateway: RunningGateway) -> Scene:
    """A studio at this gateway."""
    return Scene(gateway, await gateway.studio())


def _cookie(answer: Answer) -> tuple[str, str, set[str]]:
    """Its name, its value, and what is said of it."""
    pair, *said = answer.headers["Set-Cookie"].split("; ")
    name, _, value = pair.partition("=")
    return name, value, {each for each in said if not each.startswith(("Max-Age", "expires"))}


def _flags(path: str) -> set[str]:
    return {"HttpOnly", "SameSite=lax", "Secure", f"Path={path}"}


@pytest.mark.parametrize("path", ["/livez", "/login", "/nowhere", "/galleries", "/static/nothing.js"])
async def test_browsers_are_told_to_come_by_https_only(gateway: RunningGateway, path: str) -> None:
    answer = await gateway.client.get(path)
    assert answer.headers["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains"


async def test_nobody_else_can_set_the_log_in_cookie(gateway: RunningGateway) -> None:
    await gateway.client.post("/api/v1/studios", {"name": "Studio", **LOG_IN})
    name, value, flags = _cookie(await gateway.client.post("/api/v1/sessions", LOG_IN))
    assert (name, flags) == ("__Host-photoferry_session", _flags("/"))

    browser = StudioClient(gateway.client.http, gateway.url, {"Cookie": f"{name}={value}", **ORIGIN})
    (await browser.get("/api/v1/galleries")).expect(200)
    left = await browser.delete("/api/v1/sessions/current")
    assert _cookie(left) == (name, '""', _flags("/"))
    assert "Max-Age=0" in left.headers["Set-Cookie"]
    (await browser.get("/api/v1/galleries")).expect(401)


async def test_the_pass_of_an_access_code_is_as_safe(scene: Scene) -> None:
    shoot = await scene.open_gallery(access_code="sowa 12")
    public = f"/api/v1/g/{shoot.public_token}"
    name, value, flags = _cookie(await scene.gateway.client.post(f"{public}/access", {"code": "sowa 12"}))
    assert (name, flags) == (f"__Host-photoferry_access_{shoot.id.hex}", _flags("/"))
    (await scene.get(f"{public}/photos", headers={"Cookie": f"{name}={value}"})).expect(200)


async def test_the_cookie_of_a_personal_link_opens_its_order(scene: Scene) -> None:
    shoot = await scene.open_gallery()
    token = await shoot.client_token(order := await shoot.order("IMG_1.jpg"))
    name, value, flags = _cookie(await scene.get(f"/c/{token}"))
    assert (name, flags) == (f"__Secure-photoferry_order_{order.id}", _flags(f"/c/order/{order.id}"))
    page = await scene.get(f"/c/order/{order.id}", headers={"Cookie": f"{name}={value}"})
    assert (page.status, page.headers["Referrer-Policy"]) == (200, "no-referrer")


async def test_the_cookie_of_a_basket_finds_it_again(scene: Scene) -> None:
    shoot = await scene.open_gallery()
    uploaded, base = photo_uploaded(str(shoot.id), "a.jpg"), f"/g/{shoot.public_token}"
    await scene.gateway.tell(uploaded)
    heart = f"{base}/chosen/{uploaded.photo.id}"
    chosen = await scene.gateway.client.call("POST", heart, ORIGIN, data={"chosen": "1"})
    name, value, flags = _cookie(chosen)
    assert name.startswith("__Secure-photoferry_")
    assert flags == _flags(base)
    shown = await scene.get(base, headers={"Cookie": f"{name}={value}"})
    assert 'aria-pressed="true"' in shown.body.decode()
