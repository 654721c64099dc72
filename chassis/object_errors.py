"""What can go wrong with the object store: it is broken (try again), or the object is not as it should be."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

from minio.error import MinioException, S3Error
from urllib3.exceptions import HTTPError

from chassis.retries import BrokenDependency

_MISSING = {"NoSuchKey", "NoSuchUpload"}
_BAD_PARTS = {"InvalidPart", "InvalidPartOrder", "EntityTooSmall"}


class StoreUnreachable(BrokenDependency):
    """The store is down, broken or refuses our credentials: nothing is known of the object; try again later."""


class ObjectError(Exception):
    """The store works and the object is not as it should be: trying again does not help."""


class ObjectMissing(ObjectError):
    """There is no such object, or no such multipart upload and no object in its place."""


class ObjectChanged(ObjectError):
    """The object is no longer the one that was looked at before."""


class ObjectTooLarge(ObjectError):
    """The object has more bytes than it may have."""


class BadParts(ObjectError):
    """The parts given are not those that the store has."""


@contextmanager
def translated_errors() -> Iterator[None]:
    """Errors of minio-py and urllib3 inside become those of this file."""
    try:
        yield
    except HTTPError as error:
        raise StoreUnreachable(f"the object store does not answer: {error}") from error
    except MinioException as error:
        raise _meaning(error) from error


def _meaning(error: MinioException) -> Exception:
    code = error_code(error)
    if code in _MISSING:
        return ObjectMissing("the object is not in the store")
    if code == "PreconditionFailed":
        return ObjectChanged("the object was overwritten")
    if code in _BAD_PARTS:
        return BadParts(f"the parts are not those that were uploaded: {code}")
    return StoreUnreachable(f"the object store refused: {code or error}")


def error_code(error: MinioException) -> str | None:
    """The S3 error code, also of an answer that minio-py takes for something else (rclone says `text/xml`)."""
    if isinstance(error, S3Error):
        return error.code
    found = re.search(r"<Code>\s*(\w+)", str(error))
    return found[1] if found else None
