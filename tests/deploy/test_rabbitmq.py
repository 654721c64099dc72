from collections.abc import AsyncIterator
from pathlib import Path

import aio_pika
import pytest

from deploy.local.servers import LocalError, RabbitMQ
from tests.deploy.processes import listens_beyond_its_address, processes_of, program, until


@pytest.fixture(scope="module")
async def rabbitmq(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RabbitMQ]:
    """A node for those tests that need not see its end."""
    async with RabbitMQ(tmp_path_factory.mktemp("node")) as running:
        yield running


async def publish(url: str, queue: str) -> None:
    async with await aio_pika.connect(url) as connection, connection.channel() as channel:
        await channel.declare_queue(queue, durable=True, arguments={"x-queue-type": "quorum"})
        message = aio_pika.Message(b"kept", delivery_mode=aio_pika.DeliveryMode.PERSISTENT)
        await channel.default_exchange.publish(message, routing_key=queue)


async def until_its_directory_names(rabbitmq: RabbitMQ, queue: str) -> None:
    """RabbitMQ 3.10 saves where a new quorum queue is half a second after its declaration; a crash before loses it."""
    (directory,) = rabbitmq.folder.glob("data/*/quorum/*/names.dets")
    await until(lambda: queue.encode() in directory.read_bytes())


async def test_it_is_on_loopback_only_and_leaves_nothing_not_even_epmd(tmp_path: Path) -> None:
    async with RabbitMQ(tmp_path / "rabbitmq") as rabbitmq:
        assert program(rabbitmq.pid) == "beam.smp"
        assert not listens_beyond_its_address(rabbitmq.port)
        assert not listens_beyond_its_address(int((tmp_path / "rabbitmq" / "cluster_port").read_text()))

        # RabbitMQ calls this once a minute.
        await rabbitmq.ctl("eval", "rabbit_nodes:ensure_epmd().")

    assert processes_of(tmp_path) == []


async def test_after_a_crash_confirmed_messages_are_there_at_the_same_address(rabbitmq: RabbitMQ) -> None:
    url = await rabbitmq.add_vhost("kept")
    await publish(url, "letters")
    await until_its_directory_names(rabbitmq, "letters")
    await rabbitmq.kill()
    await rabbitmq.start()
    await publish(url, "letters")

    assert await rabbitmq.queue_lengths("kept") == {"letters": 2}


async def test_queue_lengths_count_what_is_in_hand_at_once(rabbitmq: RabbitMQ) -> None:
    url = await rabbitmq.add_vhost("other")
    await publish(url, "letters")
    async with await aio_pika.connect(url) as connection, connection.channel() as channel:
        await (await channel.get_queue("letters")).get()
        await publish(url, "letters")

        assert await rabbitmq.queue_lengths("other") == {"letters": 2}
    assert await rabbitmq.queue_lengths() == {}

    await rabbitmq.delete_vhost("other")
    with pytest.raises(LocalError, match="rabbitmqctl set_permissions failed"):
        await rabbitmq.ctl("set_permissions", "-p", "other", "nobody", "", "", "")
