"""The mail server's faults end in a delivered mail, or in a failure that the page shows."""

import asyncio
import time

import pytest

from ..conftest import wait_until
from .servers import SHORT_VISIBILITY, addresses, wait_for_mails

MAX_RETRIES = 2
POOL = 2
# The limits of the step, but with shorter waits.
LIMITS = {
    "EMAIL_TIMEOUT": 1,
    "CELERY_TASK_ANNOTATIONS": {
        "feedback.tasks.send_feedback_email_task": {
            "max_retries": MAX_RETRIES,
            "soft_time_limit": 2,
        }
    },
}


@pytest.fixture
def stack(start_stack):
    return start_stack("tasks")


@pytest.fixture
def site(stack):
    # A task carries the time limits of the process that has queued it.
    return stack.start_site(**LIMITS)


async def busy_twice(session, attempt):
    if attempt <= 2:
        return "421 4.3.2 Try again later"


async def hang_once(session, attempt):
    if attempt == 1:
        await asyncio.sleep(60)


async def drip(session, attempt):
    """Keep the line busy, so that no timeout of a socket ever comes."""
    while not session.transport.is_closing():
        await session.push("250-Wait")
        await asyncio.sleep(0.3)


async def drip_once(session, attempt):
    if attempt == 1:
        await drip(session, attempt)


async def hang_up_once(session, attempt):
    if attempt == 1:
        session.transport.abort()


async def break_off_once(session, attempt):
    session.breaks_off = attempt == 1


async def refuse_recipient(session, attempt):
    return "550 5.1.1 No such user"


async def always_busy(session, attempt):
    return "450 4.2.0 Try again later"


def test_mail_server_misbehaves(stack, site, figure):
    """Сервер занят, завис, тянет время, рвёт связь посреди письма: письмо доходит один раз."""
    faults = [busy_twice, hang_once, drip_once, hang_up_once, break_off_once]
    stack.mail.behaviour = {f"{fault.__name__}@example.com": fault for fault in faults}
    stack.mail.start()
    task_ids = site.post_all(stack.mail.behaviour)
    stack.start_worker(concurrency=len(faults), **LIMITS)
    states = site.wait_for_states(task_ids, ["SUCCESS", "FAILURE"])
    figure("попыток на письмо", max(stack.mail.attempts.values()))
    assert states == ["SUCCESS"] * len(faults)
    assert stack.mail.delivered == dict.fromkeys(stack.mail.behaviour, 1)


def test_mail_server_refuses_for_ever(stack, site, figure):
    """Сервер отказывает, занят или тянет время всегда: попытки кончаются, неудача видна."""
    stack.mail.behaviour = {
        "unknown@example.com": refuse_recipient,
        "busy@example.com": always_busy,
        "drip@example.com": drip,
    }
    stack.mail.start()
    task_ids = site.post_all(stack.mail.behaviour)
    stack.start_worker(concurrency=3, **LIMITS)
    states = site.wait_for_states(task_ids, ["SUCCESS", "FAILURE"])
    attempts = [stack.mail.attempts[email] for email in stack.mail.behaviour]
    figure("попыток: 550, 450, тянет время", "{}, {}, {}".format(*attempts))
    assert states == ["FAILURE"] * 3
    assert attempts == [1, 1 + MAX_RETRIES, 1 + MAX_RETRIES]


@pytest.mark.full
def test_mail_server_is_down(stack, site, figure):
    """Почтового сервера нет: письма ждут и доходят по одному разу, когда он появился."""
    emails = addresses(10)
    task_ids = site.post_all(emails)
    stack.start_worker(**LIMITS | {"CELERY_TASK_ANNOTATIONS": {}})
    site.wait_for_states(task_ids, ["RETRY"])
    stack.mail.start()
    site.wait_for_states(task_ids, ["SUCCESS"])
    figure("писем", len(stack.mail.delivered))
    assert stack.mail.delivered == dict.fromkeys(emails, 1)


@pytest.mark.full
def test_retries_with_backlog(stack, site, figure):
    """Повторы при очереди длиннее visibility_timeout: каждое письмо приходит один раз."""
    emails = addresses(90)
    stack.mail.behaviour = dict.fromkeys(emails, busy_twice)
    stack.mail.seconds = 0.2
    stack.mail.start()
    site.post_all(emails)
    stack.start_worker(broker_options=SHORT_VISIBILITY)
    wait_for_mails(stack, emails, 60)
    figure("писем", stack.mail.delivered.total())
    assert stack.mail.delivered == dict.fromkeys(emails, 1)


@pytest.mark.full
def test_redis_restarts_during_retries(stack, site, figure):
    """Сервер занят, а Redis тем временем убит и запущен снова: воркер жив, письма доходят."""
    emails = addresses(5)
    is_busy = True

    async def busy_for_a_while(session, attempt):
        if is_busy:
            return "421 4.3.2 Try again later"

    stack.mail.behaviour = dict.fromkeys(emails, busy_for_a_while)
    stack.mail.start()
    task_ids = site.post_all(emails)
    worker = stack.start_worker(broker_options=SHORT_VISIBILITY)
    site.wait_for_states(task_ids, ["RETRY"])
    # What the worker has taken, but not written down yet, would be lost (docs/limits.md).
    held = stack.redis.client.hlen
    wait_until(lambda: held("unacked") == len(emails), 20, lambda: f"{held('unacked')} held")
    stack.redis.kill()
    worker.wait_for("Connection to broker lost")
    stack.redis.restart()
    is_busy = False
    wait_for_mails(stack, emails, 30)
    figure("лишних писем", stack.mail.duplicates())
    assert site.wait_for_states(task_ids, ["SUCCESS", "FAILURE"]) == ["SUCCESS"] * len(emails)
    # A retry may have been on its way at the kill.
    assert stack.mail.duplicates() <= POOL


@pytest.mark.full
@pytest.mark.parametrize("seconds", [0, 8])
def test_mail_is_refused_while_redis_is_away(stack, site, figure, seconds):
    """Сервер отказал, пока не было и Redis: письмо не пропало и дошло."""
    redis_is_away = False

    async def refuse_without_redis(session, attempt):
        while attempt == 1 and not redis_is_away:
            await asyncio.sleep(0.02)
        if attempt == 1:
            return "421 4.3.2 Try again later"

    emails = addresses(POOL)
    stack.mail.behaviour = dict.fromkeys(emails, refuse_without_redis)
    stack.mail.start()
    task_ids = site.post_all(emails)
    worker = stack.start_worker(broker_options=SHORT_VISIBILITY)
    wait_until(lambda: len(stack.mail.attempts) == POOL, 20, lambda: f"{stack.mail.attempts}")
    stack.redis.kill()
    redis_is_away = True
    worker.wait_for("Connection to broker lost")
    time.sleep(seconds)
    stack.redis.restart()
    wait_for_mails(stack, emails, 30)
    assert "reject requeue=False" not in worker.output, "The retry did not wait for Redis"
    figure("лишних писем", stack.mail.duplicates())
    assert site.wait_for_states(task_ids, ["SUCCESS", "FAILURE"]) == ["SUCCESS"] * POOL
    assert stack.mail.duplicates() <= POOL
