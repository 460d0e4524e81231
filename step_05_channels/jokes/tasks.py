import json

import requests
from asgiref.sync import async_to_sync
from celery import shared_task
from celery.exceptions import SoftTimeLimitExceeded
from celery.utils.log import get_task_logger
from channels.layers import get_channel_layer
from django.conf import settings
from redis.exceptions import RedisError

MAX_ANSWER_BYTES = 10_000

logger = get_task_logger(__name__)


@shared_task(
    ignore_result=True,
    # Две попытки сверх первой успевают до следующего запуска по расписанию.
    autoretry_for=(requests.RequestException,),
    max_retries=2,
    default_retry_delay=1,
    throws=(requests.RequestException, SoftTimeLimitExceeded),
    soft_time_limit=5,
)
def get_random_joke():
    """Узнаёт у API новую шутку, пишет её в лог и рассылает открытым страницам."""
    answer = fetch_answer()
    try:
        joke = json.loads(answer)["value"]["joke"].strip()
    except (ValueError, KeyError, TypeError, AttributeError):
        joke = ""
    if not joke:
        logger.warning("Шутки не будет: ответ API не такой, как договаривались: %.80r", answer)
        return
    # %r показывает управляющие символы чужого текста, а не выполняет их.
    logger.info("%r", joke)
    try:
        async_to_sync(get_channel_layer().group_send)(
            "jokes", {"type": "jokes.joke", "text": joke}
        )
    except RedisError as error:
        logger.warning("Шутка не дошла до открытых страниц: %s", error)


def fetch_answer():
    """Читает ответ API, но не весь, если он слишком длинный: чужому серверу верить нельзя."""
    with requests.get(settings.JOKES_API_URL, timeout=2, stream=True) as response:
        response.raise_for_status()
        answer = b""
        for chunk in response.iter_content(MAX_ANSWER_BYTES):
            answer += chunk
            if len(answer) > MAX_ANSWER_BYTES:
                break
    return answer
