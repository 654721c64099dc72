"""Webhooks go nowhere inside the operator's network (SSRF)."""

import socket

import pytest
from aiohttp import ClientError, ClientSession, TCPConnector
from aiohttp.abc import AbstractResolver, ResolveResult

from deploy.local.ports import HOST
from services.gateway.outgoing.addresses import NotPublic, is_public, public_socket
from tests.gateway.client import StudioClient
from tests.gateway.receiving import receiver
from tests.gateway.running import RunningGateway
from tests.gateway.test_outgoing import ENDPOINTS, tried

LOOPBACK = [
    "127.0.0.1",
    "１２７.0.0.1",  # noqa: RUF001
    "127。0。0。1",
    "①②⑦.0.0.1",
    "0x7f.1",
    "127.1",
    "127.0.0.1.",
    "2130706433",
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
]
"""Ways to write it."""


@pytest.mark.parametrize("host", [*LOOPBACK, "[::1]", "169.254.169.254", "[fe80::1%25eth0]"])
async def test_without_leave_an_address_inside_the_operators_network_is_refused(
    studio: StudioClient, host: str
) -> None:
    problem = (await studio.post(ENDPOINTS, {"url": f"https://{host}:8443/hook"})).expect(422)
    assert problem["detail"] == (
        "Give an address that can be reached from everywhere; "
        "to allow others, the operator sets PHOTOFERRY_PRIVATE_ENDPOINTS=true."
    )


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "①②⑦.0.0.1"])
async def test_without_leave_nothing_is_sent_inside_the_operators_network(
    gateway: RunningGateway, studio: StudioClient, host: str
) -> None:
    async with receiver() as receiving:
        endpoint = (await studio.post(ENDPOINTS, {"url": "https://localhost/hook"})).expect(201)
        await gateway.db.pool.execute(
            "UPDATE webhook_endpoint SET url = $2 WHERE id = $1", endpoint["id"], receiving.url.replace(HOST, host)
        )
        (await studio.post(f"{ENDPOINTS}/{endpoint['id']}/test")).expect(202)
        failed = await tried(studio, endpoint)
        assert failed["answer"].startswith("No public address is found there")
        assert failed["answer"].endswith("PHOTOFERRY_PRIVATE_ENDPOINTS=true.")
        assert receiving.ids == []


@pytest.mark.parametrize("host", [*LOOPBACK, "localhost", "inside.example"])
async def test_what_is_dialled_is_what_is_checked(host: str) -> None:
    connector = TCPConnector(resolver=Inside(), socket_factory=public_socket)
    async with receiver() as receiving, ClientSession(connector=connector) as http:
        with pytest.raises(ClientError) as refused:
            await http.post(receiving.url.replace(HOST, host), json={}, headers={"webhook-id": "1"})
        assert isinstance(refused.value.__cause__, NotPublic) or "canonical" in str(refused.value)
        assert receiving.ids == []


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",  # noqa: S104
        "224.0.0.1",
        "255.255.255.255",
        "192.88.99.1",
        "::1",
        "::",
        "::7f00:1",
        "::ffff:0:7f00:1",
        "::ffff:10.0.0.1",
        "64:ff9b::a00:1",
        "2002:a00:1::1",
        "fe80::1%eth0",
        "fc00::1",
        "fec0::1",
        "5f00::1",
        "ff02::1",
    ],
)
def test_an_address_that_is_not_public_is_told(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", ["8.8.8.8", "93.184.216.34", "2606:4700::1111", "::ffff:8.8.8.8"])
def test_a_public_address_is_told(address: str) -> None:
    assert is_public(address)
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    public_socket((family, socket.SOCK_STREAM, 0, "", (address, 443))).close()


class Inside(AbstractResolver):
    """A resolver of the test's: all names lead inside."""

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        return [
            ResolveResult(hostname=host, host=address, port=port, family=family, proto=0, flags=0)
            for address in ("127.0.0.1", "::ffff:127.0.0.1")
        ]

    async def close(self) -> None:
        pass
