"""Where objects are in the store. All keys are made of ids; clients can write below `incoming/` only."""

from uuid import UUID

from contracts.transfers import Tab


def gallery_folder(gallery_id: UUID) -> str:
    """Everything of a gallery but what is just arriving."""
    return f"galleries/{gallery_id}/"


def attempt_folder(gallery_id: UUID, tab: Tab, upload_id: UUID, attempt_id: UUID) -> str:
    """What one attempt to take an upload in writes. No two attempts share it, so none can spoil another's objects."""
    return f"{gallery_folder(gallery_id)}{tab}/{upload_id}/{attempt_id}/"


def original_key(folder: str) -> str:
    """The file itself."""
    return f"{folder}original"


def preview_key(folder: str, size: int) -> str:
    """The preview whose longest side has `size` pixels."""
    return f"{folder}{size}.jpg"
