"""Ways to bring a joke to many pages. To measure another one, add it to `variants`."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from workshop.lesson.course import files_of
from workshop.steps import find_lessons

CONSUMERS = "jokes/consumers.py"
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


@dataclass(frozen=True)
class Variant:
    """A project: step 05 with other files (path: text). None: no project, bare websockets."""

    key: str
    label: str
    files: Mapping[str, str] | None = field(default_factory=dict)


def variants() -> list[Variant]:
    """Return the ways; all are compared with the first."""
    (lesson,) = find_lessons("06")
    return [
        Variant("bare", "websockets.broadcast, без Django", None),
        Variant("one_subscription", "урок 06", {CONSUMERS: files_of(lesson)[CONSUMERS]}),
        Variant("step_05", "шаг 05"),
        Variant("article_2018", "как в статье 2018 года", {CONSUMERS: ARTICLE_2018}),
    ]
