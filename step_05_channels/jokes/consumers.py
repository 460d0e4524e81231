from channels.generic.websocket import AsyncWebsocketConsumer


class JokesConsumer(AsyncWebsocketConsumer):
    """Одно соединение с одной открытой страницей."""

    async def connect(self):
        await self.channel_layer.group_add("jokes", self.channel_name)
        await self.accept()

    async def disconnect(self, code):
        await self.channel_layer.group_discard("jokes", self.channel_name)

    async def jokes_joke(self, event):
        """Получает из группы событие jokes.joke и отправляет шутку странице."""
        await self.send(text_data=event["text"])
