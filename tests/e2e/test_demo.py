"""What `make demo` leaves to be looked at."""

import asyncio
import os
import re
import sys
from typing import Any

from cli.api import Api
from deploy.local.supervisor import Supervisor
from tests.e2e.people import World

STATES = {
    "Anna Nowak, mailed": ("paid", True, "sent", 3),
    "Olga Mazur, mail failed": ("paid", True, "failed", 1),
    "Adam Gil, perhaps mailed": ("paid", True, "unknown", 1),
    "Jan Kowalski, ready, not mailed": ("paid", True, "none", 3),
    "Ewa Zając, paid, waiting for files": ("paid", False, "none", 1),
    "Piotr Wójcik, unpaid": ("placed", False, "none", 0),
    "Maria Lis, cancelled": ("cancelled", False, "none", 0),
    "Tomasz Żak, refunded": ("refunded", False, "none", 0),
}
"""Status, whether ready, state of the mail, and how many photos the personal link gives, by what is printed."""


async def test_the_demo_has_an_order_in_every_state_and_prints_links_that_work(stack: Supervisor, world: World) -> None:
    said = await run_demo(stack)
    (public,) = re.findall(r"^Public link +(\S+)$", said, re.MULTILINE)
    (token,) = re.findall(r"^API token +(\S+)$", said, re.MULTILINE)
    ((address, password),) = re.findall(r"^Photographer .* (\S+@\S+)  password: (.*)$", said, re.MULTILINE)
    links = re.findall(r"^Personal link +(\S+)  (.*)$", said, re.MULTILINE)

    account = {"email": address, "password": password}
    assert (await world.call("POST", "/api/v1/sessions", json=account)).status == 201
    page = (await world.call("GET", public)).body.decode()
    assert all(words in page for words in ('lang="pl"', "Klasa 3b, wiosna", "Retusz jest w cenie."))
    async with Api(stack.url, token) as api:
        (gallery,) = [each async for each in api.pages("/galleries")]
        orders = {each["client_url"]: each async for each in api.pages(f"/galleries/{gallery['id']}/orders")}
    assert {label: (*state(orders[link]), await given(world, link)) for link, label in links} == STATES


async def run_demo(stack: Supervisor) -> str:
    """What it prints."""
    command = [sys.executable, "-m", "deploy.local", "demo"]
    env = {**os.environ, "PHOTOFERRY_PUBLIC_URL": stack.url}
    process = await asyncio.create_subprocess_exec(*command, env=env, stdout=-1, stderr=-1)
    said, complaints = await process.communicate()
    assert process.returncode == 0, complaints.decode()
    return said.decode()


def state(order: Any) -> tuple[str, bool, str]:
    return order["status"], order["ready"], order["notification"]["state"]


async def given(world: World, link: str) -> int:
    """How many photos a personal link gives."""
    answer = await world.call("GET", f"/api/v1/c/{link.rsplit('/', 1)[1]}")
    assert answer.status == 200, answer
    return len(answer.json["downloads"])
