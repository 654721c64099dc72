"""What may be kept of a mail server's words."""

import re

_SECRET_LINK = re.compile(r"/(c|reset)/[\w-]+")


def without_links(text: str) -> str:
    """`text` with every personal link and every one for a new password made unusable.

    A server's answer may quote the mail that it refuses.
    """
    return _SECRET_LINK.sub(r"/\1/…", text)
