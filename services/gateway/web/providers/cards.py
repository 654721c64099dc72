"""What the page shows of a provider."""

from typing import Any

from services.gateway.payments.connections import Connection
from services.gateway.payments.providers import Provider


def card(listed: dict[str, object], provider: Provider, connection: Connection | None) -> dict[str, Any]:
    """A provider as the API shows it, with the fields of its form and the state of the connection."""
    keys = provider.Keys.model_fields.items()
    fields = [{"name": field.alias or name, "required": field.is_required()} for name, field in keys]
    return listed | {"fields": fields, "makes_secret": provider.makes_secret, "connection": connection}
