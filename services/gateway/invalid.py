"""Invalid input in words that say what to do, for what people meet; the rest keeps pydantic's own words."""

from collections.abc import Sequence
from typing import Any

WHOLE_NUMBER = "Send a whole number, without quotes."
ONE_OF = "Send one of {expected}."
DIGITS = "Send the number as the provider shows it: a text of at most {} digits."
SENTENCES = {
    "missing": "This is missing; add it.",
    "extra_forbidden": "There is no such field; correct its name or leave it out.",
    "int_type": WHOLE_NUMBER,
    "int_parsing": WHOLE_NUMBER,
    "bool_type": "Send true or false, without quotes.",
    "string_type": "Send a text, in quotes.",
    "string_too_short": "Write {min_length} or more characters.",
    "string_too_long": "Shorten it to {max_length} characters.",
    "too_short": "Send {min_length} of them at least.",
    "too_long": "Send {max_length} of them at most.",
    "greater_than_equal": "Send {ge} or more.",
    "less_than_equal": "Send {le} or less.",
    "enum": ONE_OF,
    "literal_error": ONE_OF,
    "^[A-Z]{3}$": "Send the three capital letters of a currency, like PLN or EUR.",
    "^(en|pl)$": "Send 'en' or 'pl'.",
    "^[!-~]*$": "Send the key as the provider shows it: letters, digits and signs, without spaces.",
    "^(sk|rk)_[!-~]+$": "Send the secret or a restricted key: it begins with sk_ or rk_.",
    "^[0-9]{1,10}$": DIGITS.format(10),
    "^[0-9]{0,10}$": DIGITS.format(10),
    "^[0-9]{1,20}$": DIGITS.format(20),
    "^[0-9a-f]{64}$": "Send a line's fingerprint, as it came with the bank's statement.",
    "json_invalid": "The body is not valid JSON from this character on.",
    "model_attributes_type": "Send a JSON object, with the header Content-Type: application/json.",
    "value_error": "{error}",
}
"""By pydantic's type of error, or by the pattern that a text should have matched."""


def problems(errors: Sequence[dict[str, Any]]) -> list[dict[str, str]]:
    """Which fields are at fault, and what to do about each."""
    return [{"field": _field(error["loc"]), "message": _sentence(error)} for error in errors if not _is_echo(error)]


def _is_echo(error: dict[str, Any]) -> bool:
    """pydantic counts valid items only: a list of one that is invalid is also too short."""
    return error["type"] == "too_short" and bool(len(error["input"]) >= error["ctx"]["min_length"])


def _field(location: tuple[int | str, ...]) -> str:
    """`("body", "client", "email")` → `client.email`"""
    return ".".join(str(part) for part in location[1:]) or str(location[0])


def _sentence(error: dict[str, Any]) -> str:
    context = error.get("ctx", {})
    known = SENTENCES.get(context.get("pattern", error["type"]))
    return known.format(**context) if known else f"{error['msg']}."
