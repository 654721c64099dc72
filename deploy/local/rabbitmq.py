"""A private node of the system's RabbitMQ."""

import asyncio
import json
import shutil
from pathlib import Path

from deploy.local.errors import LocalError
from deploy.local.ports import HOST, kept_port
from deploy.local.process import Command
from deploy.local.secret_file import kept_secret
from deploy.local.server import Server

USER = "photoferry"

LOOPBACK_ALONE = f"-start_epmd false -kernel inet_dist_use_interface {{{HOST.replace('.', ',')}}}"
"""Erlang flags."""

# `rabbitmqctl list_queues` counts a quorum queue's messages every 5 s only; this asks its leader.
QUEUE_LENGTHS = r"""
Length = fun
    (Queue, rabbit_quorum_queue) ->
        {ok, {_, N}, _} = ra:leader_query(amqqueue:get_pid(Queue), fun rabbit_fifo:query_messages_total/1), N;
    (Queue, _) ->
        [{messages, N}] = rabbit_amqqueue:info(Queue, [messages]), N
end,
[io:format("~s\t~b~n", [element(4, amqqueue:get_name(Queue)), Length(Queue, amqqueue:get_type(Queue))])
    || Queue <- rabbit_amqqueue:list(<<%s>>)].
"""

# Debian's /usr/sbin/rabbitmq-server changes to the user and the folders of the system's node; this one does not.
PLAIN_SCRIPTS = Path("/usr/lib/rabbitmq/bin")


class RabbitMQ(Server):
    """A RabbitMQ node that shares nothing with another on the same machine: own ports, cookie, data, and no epmd."""

    name = "rabbitmq"

    # Part of the node's database, so it must not change with the machine's name. Nodes side by side may share it:
    # without epmd, a node is found by its port alone.
    node = f"photoferry@{HOST}"

    def __init__(self, folder: Path, *, port: int | None = None, log: Path | None = None) -> None:
        super().__init__(folder, port=port, log=log)
        self._cluster_port = kept_port(self.folder / "cluster_port")

    @property
    def url(self) -> str:
        """The URL of the virtual host `/`."""
        return self.vhost_url("/")

    def vhost_url(self, vhost: str) -> str:
        """The URL of any of its virtual hosts."""
        path = "" if vhost == "/" else vhost
        return f"amqp://{USER}:{self._password()}@{HOST}:{self.port}/{path}"

    async def add_vhost(self, vhost: str) -> str:
        """Makes a virtual host with all permissions and returns its URL."""
        await self.ctl("add_vhost", vhost)
        await self.ctl("set_permissions", "-p", vhost, USER, ".*", ".*", ".*")
        return self.vhost_url(vhost)

    async def delete_vhost(self, vhost: str) -> None:
        """Removes a virtual host and all its queues."""
        await self.ctl("delete_vhost", vhost)

    async def queue_lengths(self, vhost: str = "/") -> dict[str, int]:
        """Every queue's number of messages now, both waiting and handed out but not yet acknowledged."""
        lines = (await self.ctl("eval", QUEUE_LENGTHS % json.dumps(vhost))).splitlines()
        return {name: int(length) for name, _, length in (line.rpartition("\t") for line in lines) if name}

    async def ctl(self, *arguments: str) -> str:
        """Runs `rabbitmqctl` on this node (about half a second) and returns what it prints."""
        process = await asyncio.create_subprocess_exec(
            _script("rabbitmqctl"),
            "--quiet",
            *arguments,
            env=self._env() | {"RABBITMQ_CTL_ERL_ARGS": "-dist_listen false"},
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        output, _ = await process.communicate()
        if process.returncode != 0:
            raise LocalError(f"rabbitmqctl {arguments[0]} failed:\n{output.decode()}")
        return output.decode()

    async def _prepare(self) -> None:
        settings = {
            "listeners.tcp.1": f"{HOST}:{self.port}",
            "default_user": USER,
            "default_pass": self._password(),
            "log.console": "true",
            "log.console.level": "info",
            "log.file": "false",
            "disk_free_limit.absolute": "50MB",
            "raft.wal_max_size_bytes": "67108864",
        }
        config = self.folder / "rabbitmq.conf"
        config.touch(mode=0o600)
        config.write_text("".join(f"{name} = {value}\n" for name, value in settings.items()))

    def _command(self) -> Command:
        return Command(argv=(_script("rabbitmq-server"),), env=self._env(), log=self.log)

    def _env(self) -> dict[str, str]:
        return self._base_env() | {
            "ERL_FLAGS": self._erlang_flags(),
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": f"-name {self.node}",
            "RABBITMQ_CONF_ENV_FILE": "/dev/null",
            "RABBITMQ_CONFIG_FILE": str(self.folder / "rabbitmq.conf"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(self.folder / "enabled_plugins"),
            "RABBITMQ_LOG_BASE": str(self.folder / "log"),
            "RABBITMQ_LOGS": "-",
            "RABBITMQ_MNESIA_BASE": str(self.folder / "data"),
            "RABBITMQ_NODENAME": self.node,
            "RABBITMQ_USE_LONGNAME": "true",
            "RABBITMQ_DIST_PORT": str(self._cluster_port),
            # The script then becomes the server instead of waiting for it: its process id is the server's.
            "RUNNING_UNDER_SYSTEMD": "true",
        }

    def _erlang_flags(self) -> str:
        """With its port given, Erlang needs no epmd to find the node. The flags stand in the environment, so that the
        helper by which RabbitMQ starts epmd once a minute has them too, and starts none."""
        return f"{LOOPBACK_ALONE} -erl_epmd_port {self._cluster_port}"

    def _password(self) -> str:
        return kept_secret(self.folder / "password")


def _script(name: str) -> str:
    plain = PLAIN_SCRIPTS / name
    if found := str(plain) if plain.exists() else shutil.which(name):
        return found
    raise LocalError("rabbitmq-server is not installed: run 'make setup'")
