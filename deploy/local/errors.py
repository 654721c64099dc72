"""What the local stack tells the person at the terminal when it cannot go on."""


class LocalError(Exception):
    """Something is missing or did not start; the text says what, and what to do about it."""
