"""The private servers that Photoferry and its tests run on; each is an async context manager."""

from deploy.local.catcher import MailCatcher
from deploy.local.errors import LocalError
from deploy.local.postgres import Postgres
from deploy.local.pretend_bank import PretendBank
from deploy.local.rabbitmq import RabbitMQ
from deploy.local.store import MinioStore, ObjectStore, RcloneStore, object_store

__all__ = [
    "LocalError",
    "MailCatcher",
    "MinioStore",
    "ObjectStore",
    "Postgres",
    "PretendBank",
    "RabbitMQ",
    "RcloneStore",
    "object_store",
]
