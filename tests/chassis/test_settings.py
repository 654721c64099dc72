"""Where settings come from."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from chassis.settings import ServiceSettings


@pytest.fixture(autouse=True)
def _secrets(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PHOTOFERRY_SECRETS_DIR", str(tmp_path))
    monkeypatch.setenv("PHOTOFERRY_DATABASE_URL", "postgresql://environment")


def test_what_the_environment_leaves_out_is_read_from_a_file_of_its_name(tmp_path: Path) -> None:
    (tmp_path / "PHOTOFERRY_RABBITMQ_URL").write_text("amqp://file\n")
    (tmp_path / "PHOTOFERRY_DATABASE_URL").write_text("postgresql://file")

    settings = ServiceSettings()

    assert settings.rabbitmq_url.get_secret_value() == "amqp://file"
    assert settings.database_url.get_secret_value() == "postgresql://environment"


def test_a_setting_that_is_nowhere_is_missing() -> None:
    with pytest.raises(ValidationError, match="rabbitmq_url"):
        ServiceSettings()
