"""A RabbitMQ cluster of three nodes on this machine, behind one address."""

import asyncio
import json
import shutil
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from yarl import URL

from deploy.local.errors import LocalError
from deploy.local.ports import HOST, free_port
from deploy.local.process import Command
from deploy.local.rabbitmq import LOOPBACK_ALONE, RabbitMQ
from deploy.local.secret_file import kept_secret
from deploy.local.server import Server
from tests.e2e.balancer import Balancer

NAMES = ("one", "two", "three")

# `rabbitmqctl list_queues` asks every member by itself, and gives up on a busy machine.
MEMBERS = r"""
Queues = [amqqueue:get_pid(Queue) || Queue <- rabbit_amqqueue:list(<<%s>>)],
Running = fun(Node) -> case rpc:call(Node, erlang, registered, []) of {badrpc, _} -> []; Names -> Names end end,
[io:format("~s ~b ~b~n", [
    Node,
    length([Name || {Name, Leader} <- Queues, Leader =:= Node]),
    length([Name || {Name, _} <- Queues] -- Running(Node))
]) || Node <- [%s]].
"""


class Members(NamedTuple):
    """Of queues, on one node."""

    led: int
    missing: int


class Epmd(Server):
    """Erlang's port mapper, by which the nodes of this cluster, and no others, find each other."""

    name = "epmd"

    def _command(self) -> Command:
        if found := shutil.which("epmd"):
            return Command(argv=(found, "-address", HOST, "-port", str(self.port)), env=self._base_env(), log=self.log)
        raise LocalError("epmd is not installed: it comes with Erlang, run 'make setup'")


class Node(RabbitMQ):
    """A member. All have the same password and the same home folder, where Erlang's cookie is."""

    def __init__(self, folder: Path, name: str, epmd: Epmd) -> None:
        super().__init__(folder / name)
        self.node = f"{name}@{HOST}"
        self._epmd = epmd

    def _env(self) -> dict[str, str]:
        return super()._env() | {"HOME": str(self.folder.parent), "ERL_EPMD_PORT": str(self._epmd.port)}

    def _erlang_flags(self) -> str:
        return LOOPBACK_ALONE

    def _password(self) -> str:
        return kept_secret(self.folder.parent / "password")


@dataclass(frozen=True)
class Cluster:
    """Three nodes, by name; `front` passes connections on to those that are up."""

    nodes: dict[str, Node]
    front: Balancer

    async def add_vhost(self, name: str) -> str:
        """Makes a virtual host and returns its URL at the front."""
        return str(URL(await self.nodes["one"].add_vhost(name)).with_port(self.front.port))

    async def members(self, vhost: str) -> dict[str, Members]:
        """What each node has of the queues of the virtual host, as one that is up sees it."""
        up = next(node for node in self.nodes.values() if node.process and node.process.returncode is None)
        names = ", ".join(f"'{node.node}'" for node in self.nodes.values())
        lines = (await up.ctl("eval", MEMBERS % (json.dumps(vhost), names))).splitlines()
        counts = {node: Members(int(led), int(missing)) for node, led, missing in map(str.split, lines[: len(NAMES)])}
        return {name: counts[node.node] for name, node in self.nodes.items()}

    async def is_whole(self, vhost: str) -> bool:
        """Whether every queue has a member running on every node."""
        return not any(each.missing for each in (await self.members(vhost)).values())


@asynccontextmanager
async def cluster(folder: Path) -> AsyncIterator[Cluster]:
    """Starts it, and leaves nothing at its end."""
    kept_secret(folder / ".erlang.cookie")
    async with AsyncExitStack() as stack:
        epmd = await stack.enter_async_context(Epmd(folder / "epmd"))
        nodes = {name: Node(folder, name, epmd) for name in NAMES}
        async with asyncio.TaskGroup() as starting:
            for node in nodes.values():
                starting.create_task(stack.enter_async_context(node))
        first, *others = nodes.values()
        for node in others:
            for command in (["stop_app"], ["join_cluster", first.node], ["start_app"]):
                await node.ctl(*command)
        ports = {name: node.port for name, node in nodes.items()}
        yield Cluster(nodes, await stack.enter_async_context(Balancer(free_port(), ports)))
