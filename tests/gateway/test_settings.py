"""What the gateway refuses to start with."""

import pytest
from pydantic import ValidationError

from services.gateway.settings import GatewaySettings

NEEDED = {
    "DATABASE_URL": "postgresql://nobody@127.0.0.1/none",
    "RABBITMQ_URL": "amqp://127.0.0.1",
    "S3_URL": "http://key:secret@127.0.0.1/bucket",
    "SECRET": "x" * 32,
}


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in NEEDED.items():
        monkeypatch.setenv(f"PHOTOFERRY_{name}", value)


def test_a_pretend_bank_is_refused_where_real_clients_may_be(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PHOTOFERRY_SANDBOX_URL", "http://127.0.0.1:9")
    assert GatewaySettings().sandbox_url is not None
    monkeypatch.setenv("PHOTOFERRY_PUBLIC_URL", "https://photos.example.com")
    with pytest.raises(ValidationError, match="PHOTOFERRY_SANDBOX_URL"):
        GatewaySettings()


def test_no_pretend_bank_is_the_usual_thing() -> None:
    assert GatewaySettings().sandbox_url is None
