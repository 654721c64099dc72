"""PostgreSQL, RabbitMQ and MinIO in containers, for `PHOTOFERRY_TEST_INFRA=containers`."""

import asyncio
import os
from contextlib import AbstractContextManager, AsyncExitStack
from dataclasses import dataclass
from typing import Any, TypeVar

import asyncpg
from testcontainers.community.minio import MinioContainer
from testcontainers.community.postgres import PostgresContainer
from testcontainers.core.container import DockerContainer
from testcontainers.core.wait_strategies import LogMessageWaitStrategy

IMAGES = {
    "POSTGRES_IMAGE": "postgres:18",
    "RABBITMQ_IMAGE": "rabbitmq:4",
    "STORE_IMAGE": "quay.io/minio/minio:RELEASE.2025-09-07T16-13-09Z",
}
"""Those of deploy/compose, and the variables that name others."""

C = TypeVar("C", bound=AbstractContextManager[Any])


@dataclass(frozen=True)
class PostgresServer:
    """A PostgreSQL container."""

    container: PostgresContainer

    async def create_database(self, name: str) -> str:
        """An empty database; returns its URL."""
        await self._execute(f'CREATE DATABASE "{name}"')
        return self._url(name)

    async def drop_database(self, name: str) -> None:
        """Drop it, whoever is connected."""
        await self._execute(f'DROP DATABASE "{name}" WITH (FORCE)')

    def _url(self, name: str) -> str:
        server: str = self.container.get_connection_url(driver=None)
        return server.rpartition("/")[0] + f"/{name}"

    async def _execute(self, sql: str) -> None:
        connection = await asyncpg.connect(self._url("test"))
        await connection.execute(sql)
        await connection.close()


@dataclass(frozen=True)
class RabbitMQServer:
    """A RabbitMQ container."""

    container: DockerContainer

    async def add_vhost(self, name: str) -> str:
        """A virtual host for guest; returns its URL."""
        for command in (["add_vhost", name], ["set_permissions", "-p", name, "guest", ".*", ".*", ".*"]):
            await asyncio.to_thread(self.container.exec, ["rabbitmqctl", *command])
        host, port = self.container.get_container_host_ip(), self.container.get_exposed_port(5672)
        return f"amqp://guest:guest@{host}:{port}/{name}"


@dataclass(frozen=True)
class StoreServer:
    """A MinIO container."""

    container: MinioContainer

    async def create_bucket(self, name: str) -> str:
        """A bucket; returns its URL with the key."""
        await asyncio.to_thread(self.container.get_client().make_bucket, name)
        config = self.container.get_config()
        return f"http://{config['access_key']}:{config['secret_key']}@{config['endpoint']}/{name}"


async def start_containers(stack: AsyncExitStack) -> tuple[PostgresServer, RabbitMQServer, StoreServer]:
    """Start all three; they end with `stack`."""
    images = {name: os.environ.get(name, image) for name, image in IMAGES.items()}
    rabbitmq = DockerContainer(images["RABBITMQ_IMAGE"]).with_exposed_ports(5672)
    rabbitmq.waiting_for(LogMessageWaitStrategy("Server startup complete"))
    return (
        PostgresServer(await _started(stack, PostgresContainer(images["POSTGRES_IMAGE"]))),
        RabbitMQServer(await _started(stack, rabbitmq)),
        StoreServer(await _started(stack, MinioContainer(images["STORE_IMAGE"]))),
    )


async def _started(stack: AsyncExitStack, container: C) -> C:
    await asyncio.to_thread(container.__enter__)
    stack.push(container.__exit__)
    return container
