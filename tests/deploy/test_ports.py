import socket
from pathlib import Path

from deploy.local.ports import HOST, free_port, is_free, kept_port


def test_a_free_port_is_given_out_once() -> None:
    ports = [free_port() for _ in range(200)]

    assert len(set(ports)) == 200


def test_a_port_is_the_same_at_the_next_start(tmp_path: Path) -> None:
    assert kept_port(tmp_path / "new" / "port") == kept_port(tmp_path / "new" / "port")


def test_a_port_that_somebody_took_meanwhile_is_replaced(tmp_path: Path) -> None:
    taken = kept_port(tmp_path / "port")
    with socket.create_server((HOST, taken)):
        port = kept_port(tmp_path / "port")

    assert port != taken
    assert is_free(port)
    assert kept_port(tmp_path / "port") == port
