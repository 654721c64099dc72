import socket
import subprocess
import sys
from pathlib import Path

from deploy.local.ports import HOST, free_port, is_free, kept_port


def test_a_free_port_is_given_out_once() -> None:
    ports = [free_port() for _ in range(200)]

    assert len(set(ports)) == 200


def test_programs_that_share_the_ports_are_given_different_ones() -> None:
    program = "from deploy.local.ports import *; keep_to({}, of=2); print(*(free_port() for _ in range(50)))"
    runs = [
        subprocess.run([sys.executable, "-c", program.format(share)], capture_output=True, check=True)
        for share in (0, 1)
    ]
    one, two = (set(run.stdout.split()) for run in runs)

    assert len(one) == len(two) == 50
    assert not one & two


def test_a_port_is_the_same_at_the_next_start(tmp_path: Path) -> None:
    assert kept_port(tmp_path / "new" / "port") == kept_port(tmp_path / "new" / "port")


def test_a_port_that_somebody_took_meanwhile_is_replaced(tmp_path: Path) -> None:
    taken = kept_port(tmp_path / "port")
    with socket.create_server((HOST, taken)):
        port = kept_port(tmp_path / "port")

    assert port != taken
    assert is_free(port)
    assert kept_port(tmp_path / "port") == port
