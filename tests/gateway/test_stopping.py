"""A gateway that is told to stop ends the requests that it has, and takes no new ones."""

import asyncio
from pathlib import Path
from urllib.parse import urlsplit

from tests.gateway.running import RunningGateway, running_gateway
from tests.infra import Servers
from tests.waiting import eventually

BODY = b'{"email": "nobody@example.com", "password": "not the password"}'


async def test_a_request_in_hand_is_answered_after_the_gateway_was_told_to_stop(
    servers: Servers, tmp_path: Path
) -> None:
    async with running_gateway(servers, tmp_path, beside=()) as gateway:
        address = urlsplit(gateway.url)
        reader, writer = await asyncio.open_connection(address.hostname, address.port)
        head = f"POST /api/v1/sessions HTTP/1.1\r\nHost: {address.netloc}\r\nContent-Type: application/json\r\n"
        writer.write(f"{head}Content-Length: {len(BODY)}\r\n\r\n".encode() + BODY[:10])
        await writer.drain()
        (await gateway.client.get("/livez")).expect(200)  # what was sent before is there, too
        stopping = asyncio.create_task(gateway.service.stop())
        await eventually(lambda: takes_none(gateway))
        writer.write(BODY[10:])

        assert (await reader.readline()).startswith(b"HTTP/1.1 401 ")
        await stopping
        writer.close()


async def takes_none(gateway: RunningGateway) -> bool:
    address = urlsplit(gateway.url)
    try:
        _, writer = await asyncio.open_connection(address.hostname, address.port)
    except ConnectionRefusedError:
        return True
    writer.close()
    return False
