"""Publishing with confirms, on a connection of its own."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, cast

import aio_pika
from aio_pika.abc import AbstractChannel, AbstractRobustConnection, DeliveryMode
from aiormq import Channel, spec
from aiormq.exceptions import DeliveryError, PublishError

from chassis import tracing
from chassis.bus import EXCHANGE
from contracts.base import utc_now
from contracts.topology import MESSAGES

CONFIRM_WITHIN = 10.0
"""Seconds; a frozen broker never answers."""


class Publisher:
    """Publishes persistent messages and returns when RabbitMQ has them. Raises when it cannot say so.

    A channel that first asks for a queue while nobody leads it, because the leader's node has just died, refuses that
    queue's messages until the node is back (RabbitMQ 3.10). So after a refusal another channel is used.
    """

    def __init__(self, connection: AbstractRobustConnection, channel: AbstractChannel) -> None:
        self.connection = connection
        self.channel = channel
        self._refused = False
        self._in_flight = 0
        self._beginning = asyncio.Lock()

    @classmethod
    async def open(cls, url: str) -> "Publisher":
        """Connect; from then on the connection comes back by itself."""
        connection = await aio_pika.connect_robust(url, timeout=10, reconnect_interval=1)
        return cls(connection, await _open_channel(connection))

    async def publish_event(self, topic: str, message_id: str, body: bytes, traceparent: str | None = None) -> None:
        """Publish one outbox row. A message that somebody listens to must find a queue."""
        headers = {tracing.HEADER: traceparent} if traceparent else {}
        properties = _persistent(message_type=topic, message_id=message_id, headers=headers)
        await self._publish(EXCHANGE, topic, body, properties, mandatory=topic in MESSAGES)

    async def publish_again(
        self, exchange: str, routing_key: str, original: aio_pika.abc.AbstractIncomingMessage, headers: dict[str, Any]
    ) -> None:
        """Publish a message that was received, as it was and in its trace, with these headers instead of its own."""
        headers = tracing.passed_on(original.headers) | headers
        properties = _persistent(message_type=original.type, message_id=original.message_id, headers=headers)
        await self._publish(exchange, routing_key, original.body, properties, mandatory=True)

    async def ping(self) -> None:
        """Returns when RabbitMQ confirms a publish that goes nowhere."""
        await self._publish(EXCHANGE, "ping", b"", spec.Basic.Properties(), mandatory=False)

    async def _publish(
        self, exchange: str, routing_key: str, body: bytes, properties: spec.Basic.Properties, *, mandatory: bool
    ) -> None:
        async with asyncio.timeout(CONFIRM_WITHIN), self._in_hand() as channel:
            await channel.basic_publish(  # aio-pika's own lets each message wait until the one before is on the wire
                body,
                exchange=exchange,
                routing_key=routing_key,
                properties=properties,
                mandatory=mandatory,
                wait=False,
            )

    @asynccontextmanager
    async def _in_hand(self) -> AsyncIterator[Channel]:
        """The channel for one message; another than before when that has refused one and nothing else waits for it."""
        async with self._beginning:
            if self._refused and not self._in_flight:
                await self._replace_channel()
            self._in_flight += 1
        try:
            yield cast(Channel, await self.channel.get_underlay_channel())
        except DeliveryError as error:
            self._refused |= not isinstance(error, PublishError)  # which says that there is no queue
            raise
        finally:
            self._in_flight -= 1

    async def _replace_channel(self) -> None:
        refusing, self.channel = self.channel, await _open_channel(self.connection)
        self._refused = False
        await refusing.close()

    async def close(self) -> None:
        """Close the connection."""
        await self.connection.close()


async def _open_channel(connection: AbstractRobustConnection) -> AbstractChannel:
    return await connection.channel(publisher_confirms=True, on_return_raises=True)


def _persistent(**properties: Any) -> spec.Basic.Properties:
    return spec.Basic.Properties(
        content_type="application/json",
        delivery_mode=DeliveryMode.PERSISTENT,
        timestamp=utc_now(),  # in whole seconds, says AMQP
        **properties,
    )
