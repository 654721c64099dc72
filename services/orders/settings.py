"""What orders is told by its environment."""

from pydantic import Field

from chassis.settings import ServiceSettings


class OrdersSettings(ServiceSettings):
    """As every service, and how promptly galleries go."""

    delete_every: float = Field(default=600, gt=0)
    """Seconds between looks for galleries that are not to be kept any longer."""
