"""What may be kept of a mail server's words."""

import re

_PERSONAL_LINK = re.compile(r"/c/[\w-]+")


def without_links(text: str) -> str:
    """`text` with every personal link made unusable: a server's answer may quote the mail that it refuses."""
    return _PERSONAL_LINK.sub("/c/…", text)
