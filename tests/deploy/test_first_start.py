"""The secrets of a new installation by compose."""

from pathlib import Path
from urllib.parse import urlsplit

import pytest

from contracts.topology import SERVICES
from deploy.compose.first_start import make_secrets
from services.gateway.settings import GatewaySettings
from tests.deploy.chart import secrets_of


def contents(root: Path) -> dict[str, str]:
    return {str(file.relative_to(root)): file.read_text() for file in root.rglob("*") if file.is_file()}


def test_services_and_servers_are_told_the_same_secrets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make_secrets(tmp_path)

    monkeypatch.setenv("PHOTOFERRY_SECRETS_DIR", str(tmp_path / "gateway"))
    settings = GatewaySettings()
    made = contents(tmp_path)
    assert urlsplit(settings.database_url.get_secret_value()).password == made["postgres/password"]
    assert urlsplit(settings.s3_url.get_secret_value()).password == made["store/password"]
    rabbitmq = urlsplit(settings.rabbitmq_url.get_secret_value())
    conf = made["rabbitmq/conf.d/10-photoferry.conf"]
    assert f"default_user = {rabbitmq.username}\ndefault_pass = {rabbitmq.password}\n" in conf


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_is_given_the_secrets_that_it_has_settings_for_and_no_others(service: str, tmp_path: Path) -> None:
    make_secrets(tmp_path)

    mails = {"PHOTOFERRY_SMTP_URL"}  # it is the operator's to give, in .env
    assert {file.name for file in (tmp_path / service).iterdir()} == secrets_of(service) - mails


def test_secrets_are_made_once_and_nobody_has_the_same(tmp_path: Path) -> None:
    make_secrets(tmp_path / "one")
    made = contents(tmp_path / "one")
    make_secrets(tmp_path / "one")
    make_secrets(tmp_path / "other")

    assert contents(tmp_path / "one") == made
    others = contents(tmp_path / "other")
    assert made.keys() == others.keys()
    assert not [name for name in made if made[name] == others[name]]


def test_a_start_that_broke_off_is_completed_by_the_next(tmp_path: Path) -> None:
    make_secrets(tmp_path)
    made = contents(tmp_path)
    for name in ("orders/PHOTOFERRY_DATABASE_URL", "rabbitmq/conf.d/10-photoferry.conf"):
        (tmp_path / name).unlink()

    make_secrets(tmp_path)

    assert contents(tmp_path) == made
