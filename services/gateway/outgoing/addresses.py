"""Whom webhooks may be sent to: nobody inside our own network, whatever name it goes by (SSRF)."""

import socket
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from aiohttp import AddrInfoType
from yarl import URL

_NOT_PUBLIC = tuple(
    map(
        ip_network,
        (
            "192.88.99.0/24",  # 6to4 relays
            "::/96",  # IPv4 in old clothes, like the five below
            "::ffff:0:0:0/96",
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

A_URL = "Give a whole URL, like https://example.com/photoferry; a port is a number from 1 to 65535."


class NotPublic(OSError):
    """The address is not one of the public internet, or there is none: who asks learns nothing of our own network."""

    def __init__(self) -> None:
        super().__init__(f"No public address is found there; for others, the operator sets {ALLOWED_BY}.")


def is_public(address: str) -> bool:
    """Whether an IP address is somebody's on the public internet."""
    ip: IPv4Address | IPv6Address = ip_address(address.partition("%")[0])
    if isinstance(ip, IPv6Address) and ip.ipv4_mapped:
        ip = ip.ipv4_mapped
    return ip.is_global and not ip.is_multicast and not any(ip in network for network in _NOT_PUBLIC)


def checked_url(url: str) -> str:
    """A URL that webhooks can be sent to. Raises `ValueError`."""
    try:
        parts = URL(url)
    except ValueError:  # in its own words
        raise ValueError(A_URL) from None
    is_whole = parts.scheme in ("http", "https") and parts.raw_host and parts.explicit_port != 0
    if not is_whole or not url.isprintable() or " " in url:
        raise ValueError(A_URL)
    if parts.raw_user or parts.raw_password:
        raise ValueError("Leave the password out: the signature tells that it is from us.")
    return url


def check_literal(url: str) -> None:
    """Raises `NotPublic` for a URL whose host is an IP address, however written, that is not public.

    This is to tell people early; what is dialled is checked by `public_socket`.
    """
    host = (URL(url).raw_host or "").partition("%")[0].rstrip(".")
    try:
        found = socket.getaddrinfo(host.encode(), None, flags=socket.AI_NUMERICHOST)
    except socket.gaierror:  # a name
        return
    if not all(is_public(str(address[0])) for *_, address in found):
        raise NotPublic


def public_socket(to: AddrInfoType) -> socket.socket:
    """A socket to be connected to this address. Raises `NotPublic`, which does not say where a name leads."""
    family, kind, protocol, _, address = to
    if not is_public(address[0]):
        raise NotPublic
    return socket.socket(family, kind, protocol)
