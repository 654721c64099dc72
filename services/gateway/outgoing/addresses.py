"""Whom webhooks may be sent to: nobody inside our own network, whatever name it goes by (SSRF)."""

import socket
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from urllib.parse import urlsplit

from aiohttp.abc import AbstractResolver, ResolveResult

_NOT_PUBLIC = tuple(
    map(
        ip_network,
        (
            "192.88.99.0/24",  # 6to4 relays
            "::/96",  # IPv4 in old clothes, like the four below
            "64:ff9b::/96",
            "64:ff9b:1::/48",
            "2002::/16",
            "2001::/32",
            "fec0::/10",  # once site-local
            "5f00::/16",
        ),
    )
)
"""What `is_global` lets through, in some version of Python."""
ALLOWED_BY = "PHOTOFERRY_PRIVATE_ENDPOINTS=true"
"""What lets webhooks go to all addresses, and by `http:`."""


class NotPublic(OSError):
    """The address is not one of the public internet."""

    def __init__(self, host: str) -> None:
        super().__init__(f"This address is not public; for others, the operator sets {ALLOWED_BY}: {host}")


def is_public(address: str) -> bool:
    """Whether an IP address is somebody's on the public internet."""
    ip: IPv4Address | IPv6Address = ip_address(address.partition("%")[0])
    if isinstance(ip, IPv6Address) and ip.ipv4_mapped:
        ip = ip.ipv4_mapped
    return ip.is_global and not ip.is_multicast and not any(ip in network for network in _NOT_PUBLIC)


def checked_url(url: str) -> str:
    """A URL that webhooks can be sent to. Raises `ValueError`."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname or not url.isprintable() or " " in url:
        raise ValueError("Give a whole URL, like https://example.com/photoferry.")
    if parts.port == 0:  # `port` raises ValueError itself for what is none
        raise ValueError("Port could not be used: give one from 1 to 65535.")
    if parts.username or parts.password:
        raise ValueError("Leave the password out: the signature tells that it is from us.")
    return url


def check_literal(url: str) -> None:
    """Raises `NotPublic` for a URL whose host is an IP address that is not public; names are checked when resolved."""
    host = urlsplit(url).hostname or ""
    try:
        public = is_public(host)
    except ValueError:
        return
    if not public:
        raise NotPublic(host)


class PublicOnly(AbstractResolver):
    """Resolves names to public addresses only; what was checked is what is connected to."""

    def __init__(self, resolver: AbstractResolver) -> None:
        self._resolver = resolver

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """The addresses of `host`. Raises `NotPublic` when any of them is not public."""
        found = await self._resolver.resolve(host, port, family)
        for each in found:
            if not is_public(each["host"]):
                raise NotPublic(host)  # and not where it leads: studios learn nothing of our network
        return found

    async def close(self) -> None:
        """Close the resolver behind it."""
        await self._resolver.close()
