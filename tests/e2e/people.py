"""The people of the end-to-end tests: what they do is HTTP, what they see is what the product shows them."""

import asyncio
import io
import zipfile
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

import aiohttp

from deploy.local.drawing import photo
from tests.waiting import eventually

PASSWORD = "correct horse battery"
Json = dict[str, Any]


@dataclass(frozen=True)
class Answer:
    """An HTTP answer, read whole."""

    status: int
    headers: Any
    body: bytes
    json: Any


@dataclass(frozen=True)
class World:
    """Photoferry, and the mails that it sent."""

    url: str
    mail_url: str
    http: aiohttp.ClientSession

    async def call(self, method: str, path: str, **options: Any) -> Answer:
        """One request; redirects are not followed."""
        url = path if path.startswith("http") else f"{self.url}{path}"
        async with self.http.request(method, url, allow_redirects=False, **options) as answer:
            body = await answer.read()
            decoded = await answer.json(content_type=None) if "json" in answer.content_type else None
            return Answer(answer.status, answer.headers, body, decoded)

    async def final(self, answer: Answer) -> Answer:
        """The answer itself, or, of a write that took longer on a busy machine, what its `Location` says."""
        if answer.status != 202 or "Location" not in answer.headers:
            return answer

        async def look() -> Answer | None:
            polled = await self.call("GET", answer.headers["Location"])
            return polled if polled.status != 202 else None

        return await eventually(look, within=60)

    async def mails_to(self, address: str) -> list[Json]:
        """Every mail that came to an address, with text and headers, oldest first."""
        listed = (await self.call("GET", f"{self.mail_url}/api/mails")).json["items"]
        numbers = sorted(mail["number"] for mail in listed if address in mail["recipients"])
        return [(await self.call("GET", f"{self.mail_url}/api/mails/{number}")).json for number in numbers]


@dataclass
class Photographer:
    """A studio, by its API token."""

    world: World
    token: str
    studio: Json = field(default_factory=dict)
    cookies: list[str] = field(default_factory=list)
    """Of log-ins that no browser has yet; each log-in costs a hash of the password."""

    @classmethod
    async def sign_up(cls, world: World, **more: Any) -> "Photographer":
        """A new studio with a new token."""
        account = {"name": "Studio Żółw", "email": f"{uuid4().hex}@studio.example.com", "password": PASSWORD, **more}
        studio = await world.call("POST", "/api/v1/studios", json=account)
        assert studio.status == 201, studio
        session = await world.call(
            "POST", "/api/v1/sessions", json={key: account[key] for key in ("email", "password")}
        )
        cookie = session.headers["Set-Cookie"].split(";")[0]
        token = await world.call(
            "POST", "/api/v1/tokens", json={"name": "tests"}, headers={"Cookie": cookie, "Origin": world.url}
        )
        return cls(world, token.json["token"], studio.json, [cookie])

    async def call(self, method: str, path: str, **options: Any) -> Answer:
        """A request under `/api/v1` with the token."""
        headers = {"Authorization": f"Bearer {self.token}", **options.pop("headers", {})}
        return await self.world.call(method, f"/api/v1{path}", headers=headers, **options)

    async def do(self, method: str, path: str, **options: Any) -> Any:
        """A request that must succeed; its JSON."""
        answer = await self.world.final(await self.call(method, path, **options))
        assert answer.status < 300, (method, path, answer)
        return answer.json

    async def open_gallery(self, **settings: Any) -> "GalleryDesk":
        """A gallery of 12.50 PLN a photo unless told otherwise."""
        body = {"name": "Class 3b", "currency": "PLN", "price_per_photo": 1250, **settings}
        return GalleryDesk(self, await self.do("POST", "/galleries", json=body))


@dataclass
class GalleryDesk:
    """One gallery, as its photographer works with it."""

    photographer: Photographer
    gallery: Json

    @property
    def path(self) -> str:
        """Of the gallery in the API."""
        return f"/galleries/{self.gallery['id']}"

    @property
    def id(self) -> UUID:
        """Of the gallery."""
        return UUID(self.gallery["id"])

    @property
    def public_token(self) -> str:
        """Of the public link."""
        return str(self.gallery["public_url"].rsplit("/", 1)[1])

    async def do(self, method: str, path: str = "", **options: Any) -> Any:
        """A request about the gallery that must succeed."""
        return await self.photographer.do(method, f"{self.path}{path}", **options)

    async def upload(self, tab: str, files: dict[str, bytes]) -> list[Json]:
        """Upload files into `photos` or `transfers`; returns what became of each, in order."""
        slots = await self.slots(tab, files)
        answers = await asyncio.gather(*map(self.put, slots, files.values()))
        assert {answer.status for answer in answers} == {200}, answers
        return await self.complete(*slots)

    async def slots(self, tab: str, files: dict[str, bytes]) -> list[Json]:
        """Where to put these files, in order."""
        wanted = [{"filename": name, "size": len(data), "content_type": "image/jpeg"} for name, data in files.items()]
        slots: list[Json] = (await self.do("POST", f"/{tab}/uploads", json={"files": wanted}))["items"]
        return slots

    async def put(self, slot: Json, data: bytes) -> Answer:
        """Send a file's bytes to where its slot says; once more when the store fails, as clients of S3 do."""
        call = self.photographer.world.call
        answer = await call(slot["method"], slot["url"], data=data, headers=slot["headers"])
        if answer.status < 500:
            return answer
        return await call(slot["method"], slot["url"], data=data, headers=slot["headers"])

    async def complete(self, *slots: Json) -> list[Json]:
        """Say that these are filled; returns what became of each, in order."""
        ids = [slot["upload_id"] for slot in slots]
        await self.photographer.do("POST", "/uploads/complete", json={"items": [{"upload_id": each} for each in ids]})
        return [await eventually(lambda each=each: self._settled(each), within=60) for each in ids]  # type: ignore[misc]

    async def _settled(self, upload_id: str) -> Json | None:
        upload: Json = await self.photographer.do("GET", f"/uploads/{upload_id}")
        return upload if upload["status"] in ("stored", "rejected") else None

    async def add_photos(self, *names: str) -> dict[str, str]:
        """Upload drawn proofs; returns the photo ids by name."""
        uploads = await self.upload("photos", {name: proof(name) for name in names})
        assert [each["status"] for each in uploads] == ["stored"] * len(names), uploads
        return {name: upload["photo_id"] for name, upload in zip(names, uploads, strict=True)}

    async def add_finals(self, *names: str) -> dict[str, str]:
        """Upload drawn finals; returns the transfer ids by name."""
        uploads = await self.upload("transfers", {name: final(name) for name in names})
        assert [each["status"] for each in uploads] == ["stored"] * len(names), uploads
        return {name: upload["transfer_id"] for name, upload in zip(names, uploads, strict=True)}

    async def order(
        self, *photo_ids: str, name: str = "Anna Nowak", email: str | None = None, **more: Any
    ) -> "ClientOrder":
        """A client orders photos through the public link; `more`: what else the client tells."""
        address = email or f"{uuid4().hex}@clients.example.com"
        body = {"client": {"name": name, "email": address, **more}, "photo_ids": list(photo_ids)}
        world = self.photographer.world
        answer = await world.final(await world.call("POST", f"/api/v1/g/{self.public_token}/orders", json=body))
        assert answer.status == 201, answer
        return ClientOrder(self, answer.json["id"], address)

    async def eventually_granted(self, order: "ClientOrder", finals: int) -> None:
        """Returns when an order's link gives so many finals."""

        async def given() -> bool:
            return len((await order.downloads())["downloads"]) == finals

        await eventually(given, within=30)

    async def notify(self) -> int:
        """Press *Notify clients*; returns how many mails were queued."""
        return int((await self.do("POST", "/notifications"))["queued"])

    async def no_mail_on_its_way(self) -> None:
        """Returns when no order's mail is queued or being sent."""

        async def settled() -> bool:
            orders = (await self.do("GET", "/orders?limit=500"))["items"]
            return all(order["notification"]["state"] not in ("queued", "sending") for order in orders)

        await eventually(settled, within=30)


@dataclass
class ClientOrder:
    """One client's order."""

    desk: GalleryDesk
    id: str
    email: str

    @property
    def world(self) -> World:
        """Where it all happens."""
        return self.desk.photographer.world

    async def read(self) -> Json:
        """As the photographer sees it."""
        order: Json = await self.desk.photographer.do("GET", f"/orders/{self.id}")
        return order

    async def act(self, action: str) -> Json:
        """`mark-paid`, `cancel`, `refund`, `rotate-link`"""
        order: Json = await self.desk.photographer.do("POST", f"/orders/{self.id}/{action}")
        return order

    async def until(self, within: float = 30, **expected: Any) -> Json:
        """The order once these fields have these values."""

        async def look() -> Json | None:
            order = await self.read()
            return order if {key: order[key] for key in expected} == expected else None

        return await eventually(look, within=within)

    async def mails(self) -> list[Json]:
        """What has come to the client."""
        return await self.world.mails_to(self.email)

    async def link(self) -> str:
        """The personal link that stands in the client's mail."""
        text: str = (await eventually(self.mails))[-1]["text"]
        return next(word for word in text.split() if "/c/" in word)

    async def downloads(self, link: str | None = None) -> Json:
        """**Photos to download** behind the personal link."""
        token = (link or (await self.read())["client_url"]).rsplit("/", 1)[1]
        answer = await self.world.call("GET", f"/api/v1/c/{token}")
        assert answer.status == 200, answer
        downloads: Json = answer.json
        return downloads

    async def fetch(self, url: str) -> Answer:
        """A file through its redirect to the store."""
        redirect = await self.world.call("GET", url)
        assert redirect.status == 302, redirect
        return await self.world.call("GET", redirect.headers["Location"])

    async def unzip(self, url: str) -> dict[str, bytes]:
        """The files of a ZIP by name."""
        answer = await self.world.call("GET", url)
        assert answer.status == 200, answer
        with zipfile.ZipFile(io.BytesIO(answer.body)) as archive:
            assert archive.testzip() is None
            return {name: archive.read(name) for name in archive.namelist()}


def proof(name: str) -> bytes:
    """A small drawn photo with its name on it."""
    return photo(f"proof {name}", width=640, height=480)


def final(name: str, retouch: int = 1) -> bytes:
    """The same, retouched."""
    return photo(f"final {retouch} {name}", width=900, height=600)
