"""A photographer at work: fills upload slots as a browser does, and has them registered in this process."""

from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID

from chassis.db import Database
from chassis.objects import ObjectStore
from contracts.base import Message, utc_now, uuid7
from contracts.transfers import Photo, PhotoUploaded, RegisterUpload, Tab, TransferUploaded, UploadRejected
from services.transfers import handlers
from services.transfers.intake import Intake
from services.transfers.settings import TransfersSettings
from services.transfers.sweep import sweep
from tests.outbox import emitted

M = TypeVar("M", bound=Message)

LONG_AFTER = timedelta(days=7)
"""When everything doomed is due."""


@dataclass(frozen=True)
class Desk:
    """One gallery's files, and the service that takes them in."""

    db: Database
    objects: ObjectStore
    intake: Intake
    settings: TransfersSettings
    gallery_id: UUID = field(default_factory=uuid7)

    def announce(
        self, size: int, filename: str = "IMG_0001.jpg", tab: Tab = Tab.PHOTOS, **given: Any
    ) -> RegisterUpload:
        """The command that registers an upload, whether it arrives or not."""
        upload_id = uuid7()
        fields = {
            "upload_id": upload_id,
            "gallery_id": self.gallery_id,
            "tab": tab,
            "filename": filename,
            "size": size,
            "object_key": f"incoming/{upload_id}",
        }
        return RegisterUpload(**{**fields, **given})

    async def send(self, content: bytes, filename: str = "IMG_0001.jpg", **given: Any) -> RegisterUpload:
        """Fill a slot."""
        command = self.announce(**{"size": len(content), "filename": filename, **given})
        await self.objects.put_file(command.object_key, content, "application/octet-stream")
        return command

    async def register(self, command: RegisterUpload) -> None:
        """Have an upload taken in, or rejected."""
        await handlers.register_upload(command, self.db, self.intake, self.settings)

    async def add_photo(self, content: bytes, filename: str = "IMG_0001.jpg", **given: Any) -> Photo:
        """Upload a proof that is taken in."""
        await self.register(await self.send(content, filename, **given))
        return (await self.last(PhotoUploaded)).photo

    async def add_final(self, content: bytes, filename: str = "IMG_0001.jpg", **given: Any) -> TransferUploaded:
        """Upload a final that is taken in."""
        await self.register(await self.send(content, filename, tab=Tab.TRANSFERS, **given))
        return await self.last(TransferUploaded)

    async def rejection(self, command: RegisterUpload) -> UploadRejected:
        """Have an upload rejected."""
        await self.register(command)
        rejected = await self.last(UploadRejected)
        assert rejected.upload_id == command.upload_id
        return rejected

    async def last(self, kind: type[M]) -> M:
        """What was told last, which is of this kind."""
        event = (await emitted(self.db))[-1]
        assert isinstance(event, kind), event
        return event

    async def told(self, kind: type[M]) -> list[M]:
        """All that was told of this kind."""
        return [event for event in await emitted(self.db) if isinstance(event, kind)]

    async def sweep(self, after: timedelta = timedelta(0)) -> None:
        """Remove what is due after that time."""
        while await sweep(self.db, self.objects, utc_now() + after):
            pass

    async def read(self, key: str, room: Path) -> bytes:
        """The bytes of an object."""
        await self.objects.download_to(key, room / "read")
        return (room / "read").read_bytes()

    def keys(self, prefix: str = "") -> set[str]:
        """Every object that is there."""
        found = self.objects._client.list_objects(self.objects.bucket, prefix, recursive=True)
        return {item.object_name for item in found if item.object_name}

    def leftovers(self) -> list[Path]:
        """Files that somebody is looking at."""
        return list(self.intake.scratch.iterdir())
