"""One service process: starts in order, waits for what is missing, stops in reverse."""

import asyncio
import gc
import signal
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from contextlib import AsyncExitStack, contextmanager
from importlib.metadata import version
from typing import Any, TypeVar

import aio_pika
import asyncpg
import structlog
import uvicorn
import uvloop
from faststream.rabbit import RabbitBroker
from starlette.applications import Starlette
from starlette.types import ASGIApp

from chassis import bus, dead, outbox, tracing
from chassis.catching_up import caught_up
from chassis.db import Database
from chassis.health import Health
from chassis.periodic import for_ever
from chassis.publisher import Publisher
from chassis.punctual import Punctual
from chassis.relay import Relay
from chassis.retries import BROKEN, Retries
from chassis.settings import ServiceSettings
from chassis.specification import asyncapi, declare_published
from chassis.telemetry import configure_logging

T = TypeVar("T")
NOT_THERE_YET = (*BROKEN, asyncpg.PostgresError, aio_pika.exceptions.AMQPError)

log = structlog.get_logger()


class Service:
    """What a composition root builds on: database, relay and consumers of one service, and its HTTP side."""

    def __init__(self, name: str, settings: ServiceSettings, handlers: bus.Handlers) -> None:
        self.name = name
        self.settings = settings
        self.handlers = handlers
        self.health = Health()
        self.stack = AsyncExitStack()
        self.stopping = asyncio.Event()
        self.failed = False
        self.caught_up = asyncio.Event()
        self.db: Database
        self.broker: RabbitBroker

    async def until_there(self, what: str, attempt: Callable[[], Awaitable[T]]) -> T:
        """The result of `attempt`, tried until `what` is there. Says what it waits for, in the log and in `/readyz`."""
        self.health.waiting_for = what
        pause = 0.1
        while True:
            try:
                return await attempt()
            except NOT_THERE_YET as error:
                log.warning("waiting", waiting_for=what, error=f"{type(error).__name__}: {error}")
                await asyncio.sleep(pause)
                pause = min(pause * 2, 5.0)

    def provide(self, **things: Any) -> None:
        """Give things to handlers that have parameters of these names."""
        self.handlers.provided |= things

    def in_background(self, work: Coroutine[Any, Any, None]) -> None:
        """Run `work` until the service stops. When it fails, so does the service: something will start it anew."""
        task = asyncio.create_task(work)
        task.add_done_callback(self._background_ended)
        self.stack.push_async_callback(_cancelled, task)

    def once_caught_up(self, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """As `in_background`, but not before the messages that waited for the service are handled."""

        async def later() -> None:
            await self.caught_up.wait()
            await work()

        self.in_background(later())

    def _background_ended(self, task: asyncio.Task[None]) -> None:
        if not task.cancelled() and (error := task.exception()):
            log.critical("background work failed", exc_info=error)
            self.failed = True
            self.stopping.set()

    async def start(self, compose: Callable[["Service"], Awaitable[None]] | None = None) -> None:
        """Database, `compose` (the service's own parts, which need no broker), topology, relay, consumers."""
        url = self.settings.database_url.get_secret_value()
        rabbitmq = self.settings.rabbitmq_url.get_secret_value()
        self.db = await self.until_there("PostgreSQL", lambda: Database.open(url, self.name))
        self.stack.push_async_callback(self.db.close)
        self.provide(db=self.db, settings=self.settings)
        self.health.measures.append(lambda: outbox.measure(self.db))
        if compose:
            await compose(self)
        self.handlers.check_provided()
        await self.until_there("RabbitMQ", lambda: bus.declare_topology(rabbitmq))
        publisher = await self.until_there("RabbitMQ", lambda: Publisher.open(rabbitmq))
        self.stack.push_async_callback(publisher.close)
        self.broker = bus.make_broker(
            rabbitmq,
            self.handlers,
            (*tracing.middlewares(), retries := Retries(publisher)),
            stop_within=self.settings.stop_within / 2,
        )
        declare_published(self.broker, self.name)
        self.in_background(Relay(self.db, publisher).run())
        self.in_background(
            for_ever(
                "forgetting dead messages",
                lambda: dead.forget(self.db, rabbitmq),
                every=dead.LOOK_EVERY,
                sooner=self.db.forgotten,
            )
        )
        await self.until_there("RabbitMQ", self.broker.start)
        self.stack.push_async_callback(self.broker.stop)
        self._is_ready(publisher)
        await caught_up(rabbitmq, self.name, retries.in_hand)
        self.caught_up.set()

    def _is_ready(self, publisher: Publisher) -> None:
        self.health.asyncapi = lambda: asyncapi(self.broker, self.name)
        self.health.checks |= {
            "PostgreSQL": lambda: self.db.pool.fetchval("SELECT 1", timeout=2),
            "RabbitMQ": publisher.ping,
            "consumers": lambda: bus.check_consumers(self.settings.rabbitmq_url.get_secret_value(), self.name),
        }
        self.health.waiting_for = None
        _collect_garbage_less()
        log.info("ready")


def _collect_garbage_less() -> None:
    """By default a twelfth of the CPU goes into looking for cycles, mostly through what is there from the start."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000)


async def _cancelled(task: asyncio.Task[None]) -> None:
    """Returns when the task has ended; why one that failed did so is in the log already."""
    task.cancel()
    await asyncio.wait([task])


def run(
    service: Service,
    compose: Callable[[Service], Awaitable[None]] | None = None,
    app: ASGIApp | None = None,
) -> None:
    """Run a service until SIGTERM or SIGINT; `app` is its HTTP application, by default health alone."""
    configure_logging(service.name)
    log.info("starting", version=version("photoferry"))
    tracing.configure(service.name)
    try:
        uvloop.run(_serve(service, compose, app or Starlette(routes=service.health.routes())))
    finally:
        tracing.close()


async def _serve(service: Service, compose: Callable[[Service], Awaitable[None]] | None, app: ASGIApp) -> None:
    for signum in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(signum, service.stopping.set)
    server = _http_server(service.settings, app)
    serving = asyncio.create_task(server.serve())
    starting = asyncio.create_task(service.start(compose))
    starting.add_done_callback(service._background_ended)
    serving.add_done_callback(lambda _: service.stopping.set())
    await service.stopping.wait()
    log.info("stopping")
    server.should_exit = True
    await serving
    await _cancelled(starting)
    await service.stack.aclose()
    if service.failed:
        raise SystemExit(1)


class _Server(uvicorn.Server):
    """uvicorn without its own signal handling: the service decides when to stop."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def _http_server(settings: ServiceSettings, app: ASGIApp) -> _Server:
    return _Server(
        uvicorn.Config(
            app,
            http=Punctual,
            host=settings.host,
            port=settings.port,
            lifespan="off",
            access_log=False,  # paths carry tokens
            log_config=None,
            server_header=False,
            timeout_keep_alive=75,  # longer than proxies keep theirs, or they would send into a closing connection
            timeout_graceful_shutdown=max(1, int(settings.stop_within / 2)),
            proxy_headers=bool(settings.trusted_proxies),
            forwarded_allow_ips=settings.trusted_proxies,
        )
    )
