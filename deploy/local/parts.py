"""What a stack consists of, by its configuration."""

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Self

from deploy.local.config import Config
from deploy.local.folder import DataFolder
from deploy.local.ports import is_free
from deploy.local.secret_file import kept_secret, write_env
from deploy.local.server import Server
from deploy.local.servers import MailCatcher, ObjectStore, Postgres, PretendBank, RabbitMQ, object_store
from deploy.local.service import Service


@dataclass(frozen=True)
class PrivateServers:
    """The servers that the stack starts itself; None is one whose URL was configured."""

    postgres: Postgres | None
    rabbitmq: RabbitMQ | None
    store: ObjectStore | None
    mail: MailCatcher | None
    bank: PretendBank | None
    """None where the public URL is https: the gateway wants no pretend money where real clients may be."""

    @classmethod
    def of(cls, config: Config, folder: DataFolder) -> Self:
        """Those whose URL the configuration does not give."""
        return cls(
            None if config.database_url else _postgres(config, folder),
            None if config.rabbitmq_url else RabbitMQ(folder.part("rabbitmq"), log=folder.log("rabbitmq")),
            None if config.s3_url else object_store(folder.part("store"), log=folder.log("store")),
            None if config.smtp_url else _mail(config, folder),
            None if config.sandbox_url or config.public_url.startswith("https:") else _bank(folder),
        )

    def __iter__(self) -> Iterator[Server]:
        return (server for server in (self.postgres, self.rabbitmq, self.store, self.mail, self.bank) if server)

    def urls(self, config: Config) -> dict[str, str]:
        """The URLs of these and of the configured servers, as services are told them."""
        server_or_url = {
            "DATABASE": self.postgres or config.database_url,
            "RABBITMQ": self.rabbitmq or config.rabbitmq_url,
            "S3": self.store or config.s3_url,
            "SMTP": self.mail or config.smtp_url,
            "SANDBOX": self.bank or config.sandbox_url,
        }
        return {
            f"PHOTOFERRY_{name}_URL": it if isinstance(it, str) else it.url for name, it in server_or_url.items() if it
        }


def services(
    config: Config, folder: DataFolder, modules: Mapping[str, str], urls: Mapping[str, str]
) -> Iterator[Service]:
    """Every process of every service; the first gateway has the public port."""
    env = service_env(config, folder, urls)
    for service, module in modules.items():
        for copy in range(1, config.copies.get(service, 1) + 1):
            name = service if copy == 1 else f"{service}-{copy}"
            port = config.port if name == "gateway" else None
            yield Service(name, module, folder.service(name), env=env, log=folder.log(name), port=port)


def service_env(config: Config, folder: DataFolder, urls: Mapping[str, str]) -> dict[str, str]:
    """What every service needs beyond our own environment."""
    return {
        **urls,
        "PHOTOFERRY_PUBLIC_URL": config.public_url,
        "PHOTOFERRY_SIGNUP": config.signup,
        "PHOTOFERRY_RATE_LIMITS": config.rate_limits,
        "PHOTOFERRY_SECRET": kept_secret(folder.path / "secret"),
    }


def write_operator_env(config: Config, folder: DataFolder, urls: Mapping[str, str]) -> None:
    """Keep what services are told, also by our own environment, where operators' commands may find it."""
    inherited = {name: value for name, value in os.environ.items() if name.startswith("PHOTOFERRY_")}
    write_env(folder.operator_env, inherited | service_env(config, folder, urls))


def _postgres(config: Config, folder: DataFolder) -> Postgres:
    return Postgres(folder.part("postgres"), durable=config.durable, log=folder.log("postgres"))


def _bank(folder: DataFolder) -> PretendBank:
    return PretendBank(folder.part("bank"), log=folder.log("bank"))


def _mail(config: Config, folder: DataFolder) -> MailCatcher:
    web_port = config.mail_port if is_free(config.mail_port) else None
    return MailCatcher(folder.part("mail"), web_port=web_port, log=folder.log("mail"))
