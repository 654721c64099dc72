"""Uploading many files: in parallel, straight to the store, skipping what is there already."""

import asyncio
import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import aiohttp

from cli.api import Api, Json
from contracts.names import UnusableName, match_key

BATCH = 100
"""Slots asked for at a time: few enough that none expires before its turn."""
AT_ONCE = 4
TRIES = 4
PATIENCE = aiohttp.ClientTimeout(total=None, sock_connect=30, sock_read=300)
"""However slow the line, as long as something moves."""

Progress = Callable[[int], None]
"""Called with bytes that have gone out, or been found to be there."""


class Source(NamedTuple):
    """A file to upload, and its size in bytes."""

    path: Path
    size: int


@dataclass
class Report:
    """What became of the files."""

    stored: list[str] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)
    failed: dict[str, str] = field(default_factory=dict)
    """Why, by file."""


class Upload:
    """One run of `photoferry upload`: files into one tab of one gallery."""

    def __init__(self, api: Api, gallery_id: str, tab: str, progress: Progress) -> None:
        self.api = api
        self.path = f"/galleries/{gallery_id}/{tab}"
        self.progress = progress
        self.report = Report()
        self.turns = asyncio.Semaphore(AT_ONCE)
        self.store: aiohttp.ClientSession

    async def run(self, files: list[Source]) -> Report:
        """Upload what is not there yet, by name and checksum."""
        there = {(item["match_key"], item["sha256"]) async for item in self.api.pages(self.path)}
        missing = [file for file in files if not await self._is_there(file, there)]
        async with aiohttp.ClientSession(timeout=PATIENCE) as self.store:  # the store must not see the API token
            sent: dict[str, str] = {}
            for start in range(0, len(missing), BATCH):
                batch = missing[start : start + BATCH]
                _, sent = await asyncio.gather(self._settle(sent), self._upload(batch))
            await self._settle(sent)
        return self.report

    async def _is_there(self, file: Source, there: set[tuple[str, str]]) -> bool:
        try:
            known = (match_key(file.path.name), await asyncio.to_thread(_sha256, file.path)) in there
        except UnusableName:
            return False  # the server says why
        if known:
            self.report.skipped.append(str(file.path))
            self.progress(file.size)
        return known

    async def _upload(self, files: list[Source]) -> dict[str, str]:
        """Send files. Returns the names of the sent ones by their upload ids."""
        wanted = [{"filename": file.path.name, "size": file.size, "content_type": ""} for file in files]
        slots = (await self.api.call("POST", f"{self.path}/uploads", {"files": wanted}))["items"]
        pairs = list(zip(files, slots, strict=True))
        items = [item for item in await asyncio.gather(*(self._put(*pair) for pair in pairs)) if item]
        if items:
            await self.api.call("POST", "/uploads/complete", {"items": items})
        names = {slot.get("upload_id"): str(file.path) for file, slot in pairs}
        return {item["upload_id"]: names[item["upload_id"]] for item in items}

    async def _put(self, file: Source, slot: Json) -> Json | None:
        """Send one file. Returns what completes its slot, or None when it failed."""
        if "error" in slot:
            self.report.failed[str(file.path)] = slot["error"]
            return None
        async with self.turns:
            try:
                return await self._send(file, slot)
            except (aiohttp.ClientError, OSError, TimeoutError) as error:
                self.report.failed[str(file.path)] = f"{error or type(error).__name__}; run the command again"
                return None

    async def _send(self, file: Source, slot: Json) -> Json:
        if "parts" not in slot:
            await self._send_bytes(file.path, 0, file.size, slot["url"], slot["headers"])
            return {"upload_id": slot["upload_id"]}
        parts = []
        for part in slot["parts"]:
            start = (part["number"] - 1) * slot["part_size"]
            size = min(slot["part_size"], file.size - start)
            etag = await self._send_bytes(file.path, start, size, part["url"], slot["headers"])
            parts.append({"number": part["number"], "etag": etag})
        return {"upload_id": slot["upload_id"], "parts": parts}

    async def _send_bytes(self, file: Path, start: int, size: int, url: str, headers: dict[str, str]) -> str:
        """PUT some bytes of a file, trying again when the connection breaks; returns the store's ETag."""
        data = await asyncio.to_thread(_read, file, start, size)
        for attempt in range(1, TRIES + 1):
            try:
                etag = await self._put_once(url, data, headers)
            except (aiohttp.ClientError, OSError, TimeoutError):
                if attempt == TRIES:
                    raise
                await asyncio.sleep(2**attempt)
            else:
                break
        self.progress(size)
        return etag

    async def _put_once(self, url: str, data: bytes, headers: dict[str, str]) -> str:
        async with self.store.put(url, data=data, headers=headers) as answer:
            answer.raise_for_status()
            return answer.headers.get("ETag", "")

    async def _settle(self, sent: dict[str, str]) -> None:
        await asyncio.gather(*(self._settle_one(upload_id, name) for upload_id, name in sent.items()))

    async def _settle_one(self, upload_id: str, name: str) -> None:
        """Wait until the file is stored or rejected."""
        pause = 0.1
        while (upload := await self.api.call("GET", f"/uploads/{upload_id}"))["status"] not in ("stored", "rejected"):
            await asyncio.sleep(pause)
            pause = min(pause * 1.5, 2.0)
        if upload["status"] == "stored":
            self.report.stored.append(name)
        else:
            self.report.failed[name] = upload["reason"]


def files_below(paths: Iterable[Path]) -> list[Source]:
    """The files themselves and all below folders, by name; hidden ones left out."""
    found: list[Path] = []
    for path in paths:
        found += sorted(each for each in path.rglob("*") if each.is_file()) if path.is_dir() else [path]
    return [Source(file, file.stat().st_size) for file in found if not file.name.startswith(".")]


def _sha256(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _read(file: Path, start: int, size: int) -> bytes:
    with file.open("rb") as stream:
        stream.seek(start)
        return stream.read(size)


def summary(report: Report) -> dict[str, Any]:
    """For scripts: `--json`."""
    return {"stored": report.stored, "skipped": report.skipped, "failed": report.failed}
