"""Tables that are filled from messages can be filled anew from the services' logs: what a service says of each."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """A table whose rows can be replaced by those that the same messages make in an empty schema.

    Conditions are SQL about the row that is there (`live`) and the one made anew (`rebuilt`).
    """

    name: str
    gallery: str = "{row}.gallery_id"
    """The gallery of a row (`{row}`, in the schema `{schema}`)."""
    own_rows: str = "false"
    """Which rows no message makes: they stay."""
    own_values: str = "false"
    """Where a row is ahead of all messages: it stays as it is."""
    own_columns: frozenset[str] = frozenset()
    """Columns that may differ."""
    likeness: Mapping[str, str] = field(default_factory=dict)
    """By column: what of a value (`{}`) may not differ, where that is not all of it."""
