"""What every service is told by its environment."""

import os
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, Field, SecretStr
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SecretsSettingsSource,
    SettingsConfigDict,
)


class ServiceSettings(BaseSettings):
    """Read from variables that begin with `PHOTOFERRY_`; each service adds its own in a subclass.

    What is not in the environment may stand in a file of the variable's name, in the folder `PHOTOFERRY_SECRETS_DIR`.
    """

    model_config = SettingsConfigDict(
        env_prefix="PHOTOFERRY_",
        frozen=True,
        extra="ignore",
        hide_input_in_errors=True,
        use_attribute_docstrings=True,  # for docs/settings.md
    )

    database_url: SecretStr
    """`postgresql://user:password@host:port/database`; the service keeps to the schema of its own name."""
    rabbitmq_url: SecretStr
    """`amqp://user:password@host:port/vhost`"""
    host: str = "127.0.0.1"
    """Address on which the service answers HTTP."""
    port: int = Field(default=8000, ge=0, le=65_535)
    """Port on which the service answers HTTP: the API and pages of the gateway, health and metrics of all."""
    trusted_proxies: str = ""
    """Addresses, parted by commas, of proxies in front of the service whose `X-Forwarded-For` is believed.
    Behind one that is not named here, all clients together have its address, and its rate limit."""
    stop_within: float = Field(default=30.0, gt=0)
    """Seconds that a stopping service has to finish what is in hand: half for HTTP, half for messages."""

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """The folder is looked up when settings are made, not when this module is imported."""
        files = SecretsSettingsSource(settings_cls, os.environ.get("PHOTOFERRY_SECRETS_DIR"))
        return init_settings, env_settings, files


class LinkSettings(ServiceSettings):
    """For services that make links for people."""

    public_url: str = "http://127.0.0.1:8000"
    """What links begin with, without a slash at the end. With https, browsers are told to use nothing else, for this
    name and all below it."""
    secret: SecretStr = Field(min_length=32)
    """Key of all link tokens, at least 32 characters long; whoever changes it changes every link."""
    time_zone: Annotated[str, AfterValidator(lambda name: ZoneInfo(name).key)] = "Europe/Warsaw"
    """Of the moments on pages and in mails, by its name in the IANA data base."""


class StoreSettings(ServiceSettings):
    """For services that use the object store."""

    s3_url: SecretStr
    """`http://key:secret@host:port/bucket`"""
