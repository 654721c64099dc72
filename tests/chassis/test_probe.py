"""What a container's health check says."""

import asyncio
import socket
import subprocess
import sys

import uvicorn
from starlette.applications import Starlette

from chassis.health import Health


async def probed(health: Health, path: str) -> tuple[int, str]:
    """Exit code and words of the probe, for a service that is as healthy as this."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        config = uvicorn.Config(Starlette(routes=health.routes()), log_config=None, lifespan="off")
        server = uvicorn.Server(config)
        serving = asyncio.create_task(server.serve([listening]))
        result = await asyncio.to_thread(probe, listening.getsockname()[1], path)
        server.should_exit = True
        await serving
    return result


def probe(port: int, path: str) -> tuple[int, str]:
    ran = subprocess.run(
        [sys.executable, "-m", "chassis.probe", path],
        env={"PHOTOFERRY_PORT": str(port), "http_proxy": "http://127.0.0.1:1"},
        capture_output=True,
        text=True,
    )
    return ran.returncode, ran.stderr.strip()


async def test_a_service_that_answers_is_well_and_one_that_waits_says_for_what() -> None:
    health = Health()
    health.waiting_for = "RabbitMQ"

    assert await probed(health, "/livez") == (0, "")
    assert await probed(health, "/readyz") == (1, '{"status":"starting","waiting_for":"RabbitMQ"}')


def test_nothing_that_answers_is_not_well() -> None:
    with socket.socket() as taken:  # and does not listen
        taken.bind(("127.0.0.1", 0))
        code, words = probe(taken.getsockname()[1], "/livez")

    assert code == 1
    assert words.startswith("ConnectionRefusedError")
