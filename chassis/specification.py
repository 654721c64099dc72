"""A service's AsyncAPI document, made from the code: all that it receives and all that it publishes."""

from importlib.metadata import version

from faststream.rabbit import ExchangeType, RabbitBroker, RabbitExchange
from faststream.specification import AsyncAPI

from chassis.bus import EXCHANGE
from contracts.catalogue import published_by
from contracts.topology import MESSAGES


def declare_published(broker: RabbitBroker, service: str) -> None:
    """Tell the broker, for its document alone, what the service publishes; the relay does it."""
    exchange = RabbitExchange(EXCHANGE, type=ExchangeType.TOPIC, durable=True, declare=False)
    for message in published_by(service):
        broker.publisher(
            exchange=exchange,
            routing_key=message.topic,
            mandatory=message.topic in MESSAGES,
            persist=True,
            message_type=message.topic,
            title=message.topic,
            description=message.__doc__,
            schema=message,
        )


def asyncapi(broker: RabbitBroker, service: str) -> str:
    """The document, as JSON."""
    document = AsyncAPI(broker, title=f"Photoferry: {service}", version=version("photoferry"))
    return document.to_specification().to_json()
