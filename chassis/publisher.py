"""Publishing with confirms, on a connection of its own."""

import asyncio
from typing import Any, cast

import aio_pika
from aio_pika.abc import AbstractRobustConnection, DeliveryMode
from aiormq import Channel, spec

from chassis import tracing
from chassis.bus import EXCHANGE
from contracts.base import utc_now
from contracts.topology import MESSAGES

CONFIRM_WITHIN = 10.0
"""Seconds; a frozen broker never answers."""


class Publisher:
    """Publishes persistent messages and returns when RabbitMQ has them. Raises when it cannot say so."""

    def __init__(self, connection: AbstractRobustConnection, channel: aio_pika.abc.AbstractChannel) -> None:
        self.connection = connection
        self.channel = channel

    @classmethod
    async def open(cls, url: str) -> "Publisher":
        """Connect; from then on the connection comes back by itself."""
        connection = await aio_pika.connect_robust(url, timeout=10, reconnect_interval=1)
        channel = await connection.channel(publisher_confirms=True, on_return_raises=True)
        return cls(connection, channel)

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
        async with asyncio.timeout(CONFIRM_WITHIN):
            channel = cast(Channel, await self.channel.get_underlay_channel())
            await channel.basic_publish(  # aio-pika's own lets each message wait until the one before is on the wire
                body,
                exchange=exchange,
                routing_key=routing_key,
                properties=properties,
                mandatory=mandatory,
                wait=False,
            )

    async def close(self) -> None:
        """Close the connection."""
        await self.connection.close()


def _persistent(**properties: Any) -> spec.Basic.Properties:
    return spec.Basic.Properties(
        content_type="application/json",
        delivery_mode=DeliveryMode.PERSISTENT,
        timestamp=utc_now(),  # in whole seconds, says AMQP
        **properties,
    )
