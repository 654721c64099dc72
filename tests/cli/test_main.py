"""What the tables show, and what is known without asking a server."""

from importlib.metadata import version
from pathlib import Path

import pytest
from typer.testing import CliRunner

from cli.errors import Failure
from cli.main import app, order_cells
from deploy.local.ports import free_port


@pytest.mark.parametrize(
    ("amount", "currency", "shown"),
    [(1250, "PLN", "12.50 PLN"), (0, "PLN", "0.00 PLN"), (1250, "JPY", "1250 JPY"), (1250, "KWD", "1.250 KWD")],
)
def test_totals_have_the_digits_of_their_currency(amount: int, currency: str, shown: str) -> None:
    order = {
        "id": "one",
        "number": 1,
        "client": {"name": "Ala", "email": "ala@example.com"},
        "total": {"amount": amount, "currency": currency},
        "lines": [],
        "status": "unpaid",
        "ready": False,
        "notification": {"state": "none"},
    }

    assert shown in order_cells(order)


def test_it_says_its_version() -> None:
    result = CliRunner().invoke(app, ["--version"])

    assert (result.exit_code, result.output) == (0, f"{version('photoferry')}\n")


def test_dead_messages_are_looked_for_where_a_containers_service_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PHOTOFERRY_SECRETS_DIR", str(tmp_path))
    assert "PHOTOFERRY_RABBITMQ_URL" in CliRunner().invoke(app, ["dead", "list"]).output

    (tmp_path / "PHOTOFERRY_RABBITMQ_URL").write_text(f"amqp://127.0.0.1:{free_port()}")
    with pytest.raises(Failure, match="RabbitMQ cannot be reached"):
        CliRunner().invoke(app, ["dead", "list"], catch_exceptions=False)


def test_operators_are_kept_where_a_containers_service_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PHOTOFERRY_SECRETS_DIR", str(tmp_path))
    assert "PHOTOFERRY_DATABASE_URL" in CliRunner().invoke(app, ["operator", "list"]).output

    (tmp_path / "PHOTOFERRY_DATABASE_URL").write_text(f"postgresql://127.0.0.1:{free_port()}/none")
    with pytest.raises(Failure, match="PostgreSQL cannot be reached"):
        CliRunner().invoke(app, ["operator", "list"], catch_exceptions=False)


def test_a_backup_is_taken_of_what_a_containers_service_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    backup = ["backup", str(tmp_path / "backups")]
    monkeypatch.setenv("PHOTOFERRY_SECRETS_DIR", str(tmp_path))
    assert "PHOTOFERRY_DATABASE_URL" in CliRunner().invoke(app, backup).output

    (tmp_path / "PHOTOFERRY_DATABASE_URL").write_text(f"postgresql://127.0.0.1:{free_port()}/none")
    assert "PHOTOFERRY_S3_URL" in CliRunner().invoke(app, backup).output
    (tmp_path / "PHOTOFERRY_S3_URL").write_text(f"http://key:secret@127.0.0.1:{free_port()}/photos")
    with pytest.raises(Failure, match="store"):
        CliRunner().invoke(app, backup, catch_exceptions=False)
