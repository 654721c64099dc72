"""The real service as a process of its own, with the real bus and store around it."""

from dataclasses import dataclass

from chassis.publisher import Publisher
from contracts.base import Message
from deploy.local.service import Service
from tests.transfers.desk import Desk, M
from tests.transfers.strait import Strait
from tests.waiting import eventually


@dataclass
class Running:
    """`python -m services.transfers`, reached as the other services reach it."""

    process: Service
    publisher: Publisher
    strait: Strait
    desk: Desk

    async def tell(self, message: Message) -> None:
        """Publish, as the relay of another service does."""
        await self.publisher.publish_event(message.topic, str(message.message_id), message.model_dump_json().encode())

    async def answer(self, kind: type[M], number: int = 1) -> list[M]:
        """What it has told of this kind, once there are `number` of them."""

        async def enough() -> list[M] | None:
            told = await self.desk.told(kind)
            return told if len(told) >= number else None

        return await eventually(enough, within=60)

    async def says(self, words: str) -> None:
        """Wait until its log has these words."""

        async def said() -> bool:
            return words in self.process.log.read_text()

        await eventually(said, within=60)

    async def kill(self) -> None:
        """As a power cut would."""
        await self.process.kill()
