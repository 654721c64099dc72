import asyncio
import json
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import asyncpg
import pytest

from deploy.local.config import Config
from deploy.local.errors import LocalError
from deploy.local.folder import DataFolder
from deploy.local.parts import PrivateServers
from deploy.local.ports import free_port, is_free
from deploy.local.service import Service
from deploy.local.supervisor import Supervisor
from tests.deploy.processes import is_running, processes_of, until

FAKES = dict.fromkeys(("gateway", "orders"), "tests.deploy.fake_service")

# Stands for a server that somebody else runs, so that a test need not wait for one that it does not look at.
ELSEWHERE = {
    "rabbitmq_url": "amqp://elsewhere",
    "s3_url": "http://elsewhere",
    "database_url": "postgresql://elsewhere",
    "smtp_url": "smtp://elsewhere",
    "sandbox_url": "http://elsewhere",
}


def config(data: Path, **settings: Any) -> Config:
    return Config(port=free_port(), data=data, mail_port=free_port(), durable=False, **settings)


def serverless(data: Path, **settings: Any) -> Config:
    return config(data, **{**ELSEWHERE, **settings})


async def settings_of(service: Service) -> dict[str, str]:
    async with aiohttp.ClientSession() as http, http.get(service.url) as answer:
        return dict(await answer.json(content_type=None))


@pytest.fixture
async def stack(tmp_path: Path) -> AsyncIterator[Supervisor]:
    async with Supervisor(serverless(tmp_path, copies={"orders": 2}), FAKES) as running:
        yield running


async def test_two_whole_stacks_run_side_by_side_and_leave_nothing(tmp_path: Path) -> None:
    one, two = Supervisor(config(tmp_path / "one"), FAKES), Supervisor(config(tmp_path / "two"), FAKES)
    async with one:
        async with two:
            first, second = await settings_of(one.services["orders"]), await settings_of(two.services["orders"])
            for name in ("DATABASE_URL", "RABBITMQ_URL", "S3_URL", "SMTP_URL", "PUBLIC_URL", "SECRET", "PORT"):
                assert first[f"PHOTOFERRY_{name}"] != second[f"PHOTOFERRY_{name}"]
        assert processes_of(tmp_path / "two") == []
        assert len(processes_of(tmp_path / "one")) >= 6

    assert processes_of(tmp_path) == []
    assert [path for stack in ("one", "two") for path in (tmp_path / stack / "run").iterdir()] == []


async def test_a_second_start_finds_what_the_first_one_kept(tmp_path: Path) -> None:
    settings = config(tmp_path, rabbitmq_url="amqp://elsewhere")
    async with Supervisor(settings, FAKES) as stack:
        before = await settings_of(stack.services["gateway"])
        connection = await asyncpg.connect(before["PHOTOFERRY_DATABASE_URL"])
        await connection.execute("CREATE TABLE kept AS SELECT 42 AS answer")
        await connection.close()

    async with Supervisor(settings, FAKES) as stack:
        assert await settings_of(stack.services["gateway"]) == before
        connection = await asyncpg.connect(before["PHOTOFERRY_DATABASE_URL"])
        assert await connection.fetchval("SELECT answer FROM kept") == 42
        await connection.close()


async def test_the_first_gateway_has_the_public_port_and_every_copy_its_own(stack: Supervisor) -> None:
    assert list(stack.services) == ["gateway", "orders", "orders-2"]
    assert stack.url == stack.services["gateway"].url == f"http://127.0.0.1:{stack.config.port}"
    assert len({service.port for service in stack.services.values()}) == 3


async def test_configured_servers_are_used_and_not_started(stack: Supervisor) -> None:
    settings = await settings_of(stack.services["gateway"])

    assert settings["PHOTOFERRY_RABBITMQ_URL"] == "amqp://elsewhere"
    assert settings["PHOTOFERRY_SANDBOX_URL"] == "http://elsewhere"
    assert list(stack.servers) == []


async def test_there_is_no_pretend_bank_where_the_public_url_is_https(tmp_path: Path) -> None:
    settings = config(tmp_path, rabbitmq_url="amqp://elsewhere", public_url="https://photos.example.com")
    servers = PrivateServers.of(settings, DataFolder(tmp_path))
    assert servers.bank is None
    assert "PHOTOFERRY_SANDBOX_URL" not in servers.urls(settings)


async def test_a_shell_has_the_settings_of_the_services_from_a_file_of_its_owner_while_they_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PHOTOFERRY_MAIL_FROM", "O'Neill's $HOME & <sons@example.com>")
    file = tmp_path / "operator.env"
    file.touch(mode=0o644)
    async with Supervisor(serverless(tmp_path), FAKES) as stack:
        told = await settings_of(stack.services["gateway"])
        assert file.stat().st_mode & 0o777 == 0o600
        with pytest.raises(LocalError):
            async with Supervisor(serverless(tmp_path), FAKES):
                pass
        script = f"set -a; . {file}; exec {sys.executable} -c 'import json, os; print(json.dumps(dict(os.environ)))'"
        shell = await asyncio.create_subprocess_exec("sh", "-c", script, env={}, stdout=asyncio.subprocess.PIPE)
        said, _ = await shell.communicate()
    found = {name: value for name, value in json.loads(said).items() if name.startswith("PHOTOFERRY_")}
    assert found == {name: told[name] for name in told if name not in ("PHOTOFERRY_HOST", "PHOTOFERRY_PORT")}
    assert not file.exists()


async def test_what_dies_is_started_again(stack: Supervisor, tmp_path: Path) -> None:
    pid_file, killed = tmp_path / "run" / "orders-2.pid", stack.pid("orders-2")
    assert int(pid_file.read_text()) == killed

    await stack.kill("orders-2")
    await stack.ready()

    assert stack.pid("orders-2") != killed
    await until(lambda: int(pid_file.read_text()) == stack.pid("orders-2"))


async def test_what_is_stopped_stays_stopped_until_it_is_started(stack: Supervisor, tmp_path: Path) -> None:
    pid = stack.pid("orders")

    await stack.stop("orders")
    assert not is_running(pid)
    assert not (tmp_path / "run" / "orders.pid").exists()

    await stack.start("orders")
    await stack.ready("orders")


@pytest.mark.usefixtures("stack")
async def test_a_data_folder_belongs_to_one_stack(tmp_path: Path) -> None:
    with pytest.raises(LocalError, match="another Photoferry runs on"):
        async with Supervisor(serverless(tmp_path), FAKES):
            pass


async def test_a_taken_port_is_named(stack: Supervisor, tmp_path: Path) -> None:
    taken = serverless(tmp_path / "other").model_copy(update={"port": stack.config.port})

    with pytest.raises(LocalError, match=f"port {stack.config.port} is taken.*PHOTOFERRY_PORT"):
        async with Supervisor(taken, FAKES):
            pass


async def test_a_service_that_is_not_ready_says_why_and_nothing_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FAKE_STATUS", "503")
    monkeypatch.setattr(Service, "ready_timeout", 2)

    with pytest.raises(LocalError, match="is not ready: /readyz answered 503"):
        async with Supervisor(serverless(tmp_path), FAKES):
            pass

    assert processes_of(tmp_path) == []


UP = """
import asyncio
from deploy.local.config import Config
from deploy.local.up import up

asyncio.run(up(Config(), {"gateway": "tests.deploy.fake_service"}))
"""


@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGTERM])
async def test_up_says_when_it_is_ready_and_a_signal_stops_all_of_it(
    sign: signal.Signals, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = {**ELSEWHERE, "smtp_url": "", "port": free_port(), "data": tmp_path, "mail_port": free_port()}
    for name, value in settings.items():
        monkeypatch.setenv(f"PHOTOFERRY_{name.upper()}", str(value))
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", UP, stdout=asyncio.subprocess.PIPE)
    assert process.stdout
    said = [(await process.stdout.readline()).decode().strip() for _ in range(3)]
    assert said == [
        f"Photoferry is ready at http://127.0.0.1:{settings['port']}",
        f"Its mails can be read at http://127.0.0.1:{settings['mail_port']}",
        f"Operators' commands find their settings in {tmp_path}/operator.env",
    ]

    process.send_signal(sign)

    assert await process.wait() == 0
    assert processes_of(tmp_path) == []
    assert is_free(int(str(settings["port"])))
