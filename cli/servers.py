"""Where the servers are, for operators' commands: by option, or as services are told, also by a container's files."""

from collections.abc import Callable
from typing import Annotated

import typer
from pydantic import SecretStr

from chassis.settings import StoreSettings


class _Told(StoreSettings):
    """What a service would read; none of it is needed by every command."""

    database_url: SecretStr = SecretStr("")
    rabbitmq_url: SecretStr = SecretStr("")
    s3_url: SecretStr = SecretStr("")


def _told(name: str) -> Callable[[], str]:
    def look() -> str:
        url: SecretStr = getattr(_Told(), name)
        if not url.get_secret_value():
            raise typer.BadParameter(f"set PHOTOFERRY_{name.upper()}, or give --{name.replace('_', '-')}")
        return url.get_secret_value()

    return look


DatabaseUrl = Annotated[
    str, typer.Option(default_factory=_told("database_url"), help="postgresql://user:password@host:port/database")
]
RabbitMQUrl = Annotated[
    str, typer.Option(default_factory=_told("rabbitmq_url"), help="amqp://user:password@host:port/vhost")
]
S3Url = Annotated[str, typer.Option(default_factory=_told("s3_url"), help="http://key:secret@host:port/bucket")]
