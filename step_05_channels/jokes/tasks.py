import json

import requests
from asgiref.sync import async_to_sync
from celery import shared_task
from celery.exceptions import SoftTimeLimitExceeded
from celery.utils.log import get_task_logger
from channels.layers import get_channel_layer
from django.conf import settings
from redis.exceptions import RedisError

MAX_ANSWER_BYTES = 20_000
MAX_JOKE_LENGTH = 1000

logger = get_task_logger(__name__)


class WrongAnswer(Exception):
    """API ответил, но шутки в его ответе нет."""


@shared_task(
    ignore_result=True,
    # Две попытки сверх первой успевают до следующего запуска по расписанию.
    autoretry_for=(requests.RequestException,),
    max_retries=2,
    default_retry_delay=1,
    throws=(requests.RequestException, SoftTimeLimitExceeded),
    soft_time_limit=5,
    time_limit=7,
)
def get_random_joke():
    """Узнаёт у API новую шутку, пишет её в лог и рассылает открытым страницам."""
    try:
        joke = parse_joke(fetch_answer())
    except WrongAnswer as error:
        logger.warning("Шутки не будет: %s", error)
        return
    logger.info(joke)
    try:
        async_to_sync(get_channel_layer().group_send)(
            "jokes", {"type": "jokes.joke", "text": joke}
        )
    except RedisError as error:
        logger.warning("Шутка не дошла до открытых страниц: %s", error)


def fetch_answer():
    """Читает ответ API, но не больше MAX_ANSWER_BYTES: чужому серверу верить нельзя."""
    with requests.get(
        settings.JOKES_API_URL, timeout=2, stream=True, allow_redirects=False
    ) as response:
        if response.status_code >= 500:
            response.raise_for_status()
        if response.status_code != 200:
            raise WrongAnswer(f"API ответил кодом {response.status_code}")
        answer = b""
        for chunk in response.iter_content(MAX_ANSWER_BYTES):
            answer += chunk
            if len(answer) > MAX_ANSWER_BYTES:
                raise WrongAnswer(f"ответ API длиннее {MAX_ANSWER_BYTES} байт")
    return answer


def parse_joke(answer):
    """Находит в ответе API текст шутки."""
    try:
        joke = json.loads(answer)["value"]["joke"]
    except (ValueError, RecursionError):
        raise WrongAnswer("ответ API — не JSON") from None
    except (KeyError, TypeError):
        raise WrongAnswer("в ответе API нет value.joke") from None
    if not isinstance(joke, str):
        raise WrongAnswer("value.joke в ответе API — не текст")
    joke = " ".join(joke.split())
    if not joke:
        raise WrongAnswer("API прислал пустую шутку")
    if len(joke) > MAX_JOKE_LENGTH:
        raise WrongAnswer(f"шутка длиннее {MAX_JOKE_LENGTH} символов")
    if not joke.isprintable():
        raise WrongAnswer("в шутке есть управляющие символы")
    return joke
