"""How the local stack is set up, from the environment."""

from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from deploy.local.ports import HOST

SERVICES = ("gateway", "orders", "transfers", "entitlements", "notifier")


class Config(BaseSettings):
    """The settings of `make up`, each from the variable of its name under `PHOTOFERRY_`.

    A URL of a server that is set means: use that server; unset: start a private one.
    """

    model_config = SettingsConfigDict(env_prefix="PHOTOFERRY_", frozen=True)

    port: int = 8000
    public_url: str = Field(default_factory=lambda data: f"http://{HOST}:{data['port']}")
    data: Path = Path(".photoferry")
    signup: Literal["open", "closed"] = "open"
    rate_limits: Literal["on", "off"] = "on"
    database_url: str | None = None
    rabbitmq_url: str | None = None
    s3_url: str | None = None
    smtp_url: str | None = None
    sandbox_url: str | None = None
    mail_port: int = 8025
    """Where caught mails are read; another port when this one is taken."""
    durable: bool = True
    """Whether the private PostgreSQL's commits survive a power cut; tests and benchmarks of nothing durable say no."""
    copies: Annotated[dict[str, int], NoDecode] = {}
    """How many processes of a service, 1 where it is not named; in the environment `transfers=2,orders=3`."""

    @field_validator("copies", mode="before")
    @classmethod
    def _split_copies(cls, value: Any) -> Any:
        if not isinstance(value, str):
            return value
        return dict(item.strip().split("=", 1) for item in value.split(",") if "=" in item)

    @field_validator("copies")
    @classmethod
    def _name_services(cls, copies: dict[str, int]) -> dict[str, int]:
        for name, count in copies.items():
            if name not in SERVICES or count < 1:
                raise ValueError(f"{name}={count}: give a service ({', '.join(SERVICES)}) and a number from 1")
        return copies
