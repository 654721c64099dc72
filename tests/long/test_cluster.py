"""A RabbitMQ cluster whose nodes are killed in mid-load: what is lost, what is done twice, how long it takes."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from dataclasses import asdict
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest
from aio_pika.exceptions import DeliveryError

from chassis.bus import declare_topology
from chassis.publisher import Publisher
from contracts.base import uuid7
from deploy.local.servers import MailCatcher, Postgres, object_store
from deploy.local.supervisor import MODULES
from tests.e2e.fixtures import waiting
from tests.e2e.test_upgrades import running
from tests.infra import Servers
from tests.long.clients import Clients
from tests.long.cluster import Cluster, Node, cluster
from tests.making import line, place_order
from tests.waiting import eventually

VHOST = "cluster"
pytestmark = pytest.mark.long


@pytest.fixture(scope="module")
async def brokers(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Cluster]:
    """Three nodes."""
    async with cluster(tmp_path_factory.mktemp("cluster")) as running:
        yield running


@pytest.fixture(scope="module")
async def servers(brokers: Cluster, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Servers]:
    """The cluster, and one of each of the others."""
    folder = tmp_path_factory.mktemp("servers")
    async with (
        Postgres(folder / "postgres") as postgres,
        object_store(folder / "store") as store,
        MailCatcher(folder / "mail") as mail,
    ):
        yield Servers(postgres, brokers, store, mail)


async def test_who_publishes_while_nobody_leads_a_queue_is_heard_when_somebody_does(brokers: Cluster) -> None:
    one, two = brokers.nodes["one"], brokers.nodes["two"]
    url = await one.add_vhost("alone")
    await declare_topology(url)  # so this node leads the queues
    publisher = await Publisher.open(two.vhost_url("alone"))
    message = place_order(uuid7(), line("a.jpg"))
    publish = partial(publisher.publish_event, message.topic, str(message.message_id), b"")
    await one.kill()
    with pytest.raises(DeliveryError):
        await publish()

    await eventually(partial(is_taken, publish))
    await publisher.close()
    await one.start()


async def is_taken(publish: Callable[[], Awaitable[None]]) -> bool:
    with suppress(DeliveryError):
        await publish()
        return True
    return False


async def test_every_node_of_a_cluster_is_killed_in_mid_load_and_nothing_is_lost_or_done_twice(
    brokers: Cluster, servers: Servers, tmp_path: Path
) -> None:
    async with running(servers, tmp_path, VHOST, MODULES, 1) as (_, __, world, url):
        clients = await Clients.of_a_studio(world)
        async with asyncio.TaskGroup() as load:
            load.create_task(clients.come())
            left = set(brokers.nodes)
            while left:
                await eventually(lambda: brokers.is_whole(VHOST), within=120, every=1)
                members = await brokers.members(VHOST)
                leader = max(left, key=lambda name: members[name].led)
                left.remove(leader)
                seconds = await killed(brokers.nodes[leader], clients)
                show(f"a node killed that led {members[leader].led} queues, s to the first order done", seconds)
            clients.over.set()
        try:
            await eventually(clients.all_served, within=120, every=0.5)
            await eventually(lambda: nothing_waits(url), within=90, every=0.5)
        finally:
            counts = await clients.count()
            for name, count in asdict(counts).items():
                show(name.replace("_", " "), count)
    assert (counts.lost, counts.twice) == (0, 0)


async def killed(node: Node, clients: Clients) -> float:
    """Seconds from the kill of a node until the first who came after it is mailed; then it is started again."""
    before = datetime.now(UTC)
    await eventually(lambda: clients.first_served(since=before), within=60, every=0.2)
    moment = datetime.now(UTC)
    await node.kill()
    served = await eventually(lambda: clients.first_served(since=moment), within=120, every=0.2)
    await node.start()
    return (served - moment).total_seconds()


async def nothing_waits(url: str) -> bool:
    """Whether every queue is empty: those of the dead, too."""
    return not await waiting(url)


def show(what: str, figure: float) -> None:
    print(f"{what:65} {figure:10.2f}", flush=True)
