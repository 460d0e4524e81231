"""Ways to bring a joke to many pages. To measure another one, add it to VARIANTS."""

from collections.abc import Mapping
from dataclasses import dataclass, field

# Both lead the joke of the group to one page, as the group's event does in step 05.
ARTICLE_2018 = """\
from asgiref.sync import async_to_sync
from channels.generic.websocket import WebsocketConsumer


class JokesConsumer(WebsocketConsumer):
    def connect(self):
        async_to_sync(self.channel_layer.group_add)("jokes", self.channel_name)
        self.accept()

    def disconnect(self, code):
        async_to_sync(self.channel_layer.group_discard)("jokes", self.channel_name)

    def jokes_joke(self, event):
        self.send(text_data=event["text"])
"""
ONE_SUBSCRIPTION = """\
import asyncio

from channels.generic.websocket import AsyncWebsocketConsumer
from channels.layers import get_channel_layer

pages = set()
listening = None


async def listen():
    layer = get_channel_layer()
    channel = await layer.new_channel()
    await layer.group_add("jokes", channel)
    while True:
        event = await layer.receive(channel)
        for page in list(pages):
            await page.send(text_data=event["text"])


class JokesConsumer(AsyncWebsocketConsumer):
    channel_layer_alias = None

    async def connect(self):
        global listening
        if listening is None:
            listening = asyncio.create_task(listen())
        pages.add(self)
        await self.accept()

    async def disconnect(self, code):
        pages.discard(self)
"""


@dataclass(frozen=True)
class Variant:
    """A project: step 05 with other files (path: text). None: no project, bare websockets."""

    key: str
    label: str
    files: Mapping[str, str] | None = field(default_factory=dict)


# All are compared with the first.
VARIANTS = [
    Variant("bare", "websockets.broadcast, без Django", None),
    Variant(
        "one_subscription", "одна подписка на процесс", {"jokes/consumers.py": ONE_SUBSCRIPTION}
    ),
    Variant("step_05", "шаг 05"),
    Variant("article_2018", "как в статье 2018 года", {"jokes/consumers.py": ARTICLE_2018}),
]
