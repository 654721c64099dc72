"""Free ports on loopback, kept from one start to the next."""

import random
import socket
from pathlib import Path

HOST = "127.0.0.1"

# Below the range that Linux gives to outgoing connections, which would otherwise take a port between choice and use.
CANDIDATES = range(20_000, 32_000)

# Several servers are given their ports before the first of them listens.
_given: set[int] = set()


def is_free(port: int) -> bool:
    """Whether a server could listen on this port of loopback now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True


def free_port() -> int:
    """A port of loopback that nobody listens on and that was not given out here before."""
    port = next(port for port in random.sample(CANDIDATES, len(CANDIDATES)) if port not in _given and is_free(port))
    _given.add(port)
    return port


def keep_to(share: int, of: int) -> None:
    """Give out only this share of all ports, counted from 0: programs that start servers at the same time, each with
    another share, do not choose the same port."""
    _given.update(port for port in CANDIDATES if port % of != share)


def kept_port(file: Path) -> int:
    """The port written in the file if it is still free, else a new one, which is written there.

    Presigned URLs name the store's port: as long as it stays the same, those given out before a restart still work.
    """
    if file.exists() and is_free(kept := int(file.read_text())):
        _given.add(kept)
        return kept
    port = free_port()
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(str(port))
    return port
