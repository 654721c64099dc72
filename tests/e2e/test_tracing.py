"""One trace from a webhook, an upload or a press to the mail; and nobody's data in it."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest

from deploy.local.config import Config
from deploy.local.ports import free_port
from deploy.local.supervisor import Supervisor
from tests.e2e.people import PASSWORD, Photographer, World
from tests.e2e.test_payments import connected, with_orders
from tests.e2e.test_rules import paid_order, ready_gallery
from tests.infra import Servers
from tests.tracing import Collector, collector
from tests.waiting import eventually

WEBHOOK = "POST /webhooks/{provider}/{studio_id}"
REGISTER = "POST /api/v1/uploads/complete"
NOTIFY = "POST /api/v1/galleries/{gallery_id}/notifications"
MATCHED = ("gateway", "photoferry.entitlements.transfer_matched.v1 process")
RECEIVED = ("orders", "photoferry.gateway.payment_received.v1 process")
TO_THE_MAIL = {
    ("notifier", "send mail"),
    ("notifier", "smtp send"),
    ("notifier", "UPDATE"),
    ("gateway", "photoferry.notifier.client_notified.v1 process"),
}
READY_TO_THE_MAIL = TO_THE_MAIL | {
    ("gateway", "photoferry.entitlements.entitlements_granted.v1 process"),
    ("gateway", "photoferry.entitlements.order_ready.v1 process"),
    ("notifier", "photoferry.entitlements.order_ready.v1 process"),
}
PAID_TO_THE_MAIL = READY_TO_THE_MAIL | {
    RECEIVED,
    ("entitlements", "photoferry.orders.order_paid.v1 process"),
    ("gateway", "photoferry.orders.order_paid.v1 process"),
    ("gateway", "photoferry.orders.payment_noted.v1 process"),
    ("gateway", "INSERT"),
    ("orders", "COMMIT;"),
}
UPLOADED_TO_THE_MAIL = READY_TO_THE_MAIL | {
    ("transfers", "photoferry.transfers.register_upload.v1 process"),
    ("transfers", "store download_to"),
    ("gateway", "photoferry.transfers.transfer_uploaded.v1 process"),
    ("entitlements", "photoferry.transfers.transfer_uploaded.v1 process"),
    MATCHED,
}


@pytest.fixture(scope="module")
async def traces() -> AsyncIterator[Collector]:
    async with collector() as running:
        yield running


@pytest.fixture(scope="module")
async def traced(
    servers: Servers, traces: Collector, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Supervisor]:
    """A Photoferry that is told where to send traces."""
    config = Config(
        port=free_port(),
        data=tmp_path_factory.mktemp("traced"),
        rate_limits="off",
        database_url=await servers.postgres.create_database("traced"),
        rabbitmq_url=await servers.rabbitmq.add_vhost("traced"),
        s3_url=await servers.store.create_bucket("traced"),
        smtp_url=servers.mail.url,
    )
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", traces.url)
        environment.setenv("OTEL_BSP_SCHEDULE_DELAY", "100")
        async with Supervisor(config) as running:
            yield running
    await servers.postgres.drop_database("traced")


@pytest.fixture
async def photographer(traced: Supervisor, servers: Servers) -> AsyncIterator[Photographer]:
    async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as http:
        yield await Photographer.sign_up(World(traced.url, servers.mail.web_url, http))


async def the_trace(traces: Collector, beginning: str, steps: set[tuple[str, str]]) -> str:
    """The one trace that begins with this request and has all of these steps; waited for."""

    async def look() -> set[str]:
        return {span.trace for span in traces.named(beginning) if steps <= traces.steps(span.trace)}

    (trace,) = await eventually(look, within=60)
    return trace


async def test_from_a_webhook_to_the_mail_it_is_one_trace(traces: Collector, photographer: Photographer) -> None:
    bank = await connected(photographer)
    desk = await photographer.open_gallery(auto_notify=True)
    photos = await desk.add_photos("a.jpg")
    await desk.add_finals("a.jpg")
    order = await desk.order(photos["a.jpg"])
    traces.spans.clear()
    (await bank.tell(order.id)).expect(200)

    trace = await the_trace(traces, WEBHOOK, PAID_TO_THE_MAIL)
    await eventually(lambda: traces.is_whole(trace))
    assert [span.name for span in traces.spans if span.trace == trace and not span.parent] == [WEBHOOK]
    assert not [span for span in traces.spans if span.failed]


async def test_from_an_upload_to_the_mail_it_is_one_trace(traces: Collector, photographer: Photographer) -> None:
    desk = await photographer.open_gallery(auto_notify=True)
    photos = await desk.add_photos("a.jpg")
    order = await paid_order(desk, photos["a.jpg"], ready=False)
    traces.spans.clear()
    await desk.add_finals("a.jpg")
    await eventually(order.mails, within=60)

    await the_trace(traces, REGISTER, UPLOADED_TO_THE_MAIL)


async def test_from_the_press_to_the_mail_it_is_one_trace(traces: Collector, photographer: Photographer) -> None:
    desk, photos = await ready_gallery(photographer)
    await paid_order(desk, photos["a.jpg"])
    traces.spans.clear()
    await desk.notify()

    await the_trace(traces, NOTIFY, TO_THE_MAIL | {("notifier", "photoferry.notifier.notify_clients.v1 process")})


async def test_webhooks_that_are_committed_together_keep_their_traces_apart(
    traces: Collector, photographer: Photographer
) -> None:
    bank = await connected(photographer)
    _, orders = await with_orders(photographer, 20)
    traces.spans.clear()
    answers = await asyncio.gather(*(bank.tell(order.id, payment_id=order.id) for order in orders))
    assert {answer.status for answer in answers} == {200}

    await eventually(lambda: each_has(traces, WEBHOOK, 20, RECEIVED, 1), within=60)


async def test_messages_that_are_handled_together_keep_their_traces_apart(
    traced: Supervisor, traces: Collector, photographer: Photographer
) -> None:
    names = [f"{number}.jpg" for number in range(4)]
    desks = [await photographer.open_gallery() for _ in range(3)]
    traces.spans.clear()
    await traced.stop("entitlements")
    for desk in desks:
        await desk.add_finals(*names)
    await traced.start("entitlements")

    await eventually(lambda: each_has(traces, REGISTER, len(desks), MATCHED, len(names)), within=60)


async def test_no_trace_tells_who_somebody_is_or_how_to_get_in(
    traced: Supervisor, traces: Collector, photographer: Photographer
) -> None:
    bank = await connected(photographer)
    desk, photos = await ready_gallery(photographer, name="Wedding of Zoe", auto_notify=True)
    order = await desk.order(photos["a.jpg"], name="Zenobia Kowalska")
    (await bank.tell(order.id)).expect(200)
    link = await order.link()
    page = await order.downloads(link)
    await order.fetch(page["downloads"][0]["url"])
    await order.unzip(page["zip_url"])
    world, account = photographer.world, {"email": photographer.studio["email"], "password": PASSWORD}
    answers = [
        await world.call("GET", f"{link}?name=Zenobia"),
        await world.call("GET", f"/g/{desk.public_token}"),
        await world.call("GET", f"/nowhere/{desk.public_token}"),
        await photographer.call("GET", f"{desk.path}/orders?q=Zenobia"),
        await world.call("POST", "/api/v1/sessions", json=account),
    ]
    assert [answer.status for answer in answers] == [303, 200, 404, 200, 201]
    wanted = ("GET /c/{client_token}", "GET /g/{public_token}", "GET", "POST /api/v1/sessions", "smtp send")
    await eventually(lambda: have_come(traces, wanted), within=30)

    secrets = [
        photographer.token,
        photographer.studio["email"],
        "Studio Żółw",
        desk.public_token,
        link.rsplit("/", 1)[1],
        order.email,
        "Zenobia",
        "Wedding of Zoe",
        "a.jpg",
        PASSWORD,
        bank.secret,
        (Path(traced.config.data) / "secret").read_text().strip(),
        "127.0.0.1",
        *(cookie.partition("=")[2] for cookie in photographer.cookies),
    ]
    said = b"".join(traces.said)
    assert [secret for secret in secrets if secret.encode() in said] == []


async def each_has(traces: Collector, beginning: str, number: int, step: tuple[str, str], times: int) -> bool:
    """Whether so many traces begin with this request, and each has this step so many times."""
    begun = {span.trace for span in traces.named(beginning)}
    steps = Counter(span.trace for span in traces.spans if (span.service, span.name) == step)
    return len(begun) == number and steps == dict.fromkeys(begun, times)


async def have_come(traces: Collector, names: tuple[str, ...]) -> bool:
    """Whether there is a span of each name."""
    return set(names) <= {span.name for span in traces.spans}
