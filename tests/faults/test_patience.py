"""The worker waits for Redis: no mail is lost, and none that was sent is called failed."""

import time
from contextlib import suppress

import pytest

from ..conftest import wait_until
from .outages import (
    fill_memory,
    freeze,
    keep_busy,
    kill,
    make_read_only,
    refuse_clients,
    require_password,
    want_replicas,
)
from .servers import SHORT_VISIBILITY, addresses, wait_for_mails

POOL = 4


@pytest.fixture
def stack(start_stack):
    return start_stack("tasks")


@pytest.fixture
def site(stack):
    return stack.start_site()


def wait_for_acknowledgement(stack):
    wait_until(lambda: not stack.redis.queued(), 20, lambda: "the mail is acknowledged")


@pytest.mark.parametrize("seconds", [5, pytest.param(30, marks=pytest.mark.full)])
@pytest.mark.parametrize("break_redis", [kill, pytest.param(freeze, marks=pytest.mark.full)])
def test_redis_is_away_while_a_mail_is_sent(stack, site, figure, break_redis, seconds):
    """Redis пропал, пока письмо отправлялось: оно ушло один раз, и страница это знает."""
    stack.mail.seconds = 1
    stack.mail.start()
    (task_id,) = site.post_all(["anna@example.com"])
    worker = stack.start_worker(broker_options=SHORT_VISIBILITY | {"visibility_timeout": 60})
    stack.mail.wait_for_sending(1)
    mend_redis = break_redis(stack.redis)
    time.sleep(seconds)
    mend_redis()
    states = site.wait_for_states([task_id], ["SUCCESS", "FAILURE"])
    figure("Redis не было", f"{seconds} с")
    assert states == ["SUCCESS"], worker.tail
    wait_for_acknowledgement(stack)
    assert stack.mail.delivered.total() == 1


def test_redis_forgets_an_acknowledgement(stack, site):
    """Redis забыл, что письмо подтверждено: воркер видит, что оно ушло, и больше не шлёт."""
    stack.mail.seconds = 1
    stack.mail.start()
    (task_id,) = site.post_all(["anna@example.com"])
    worker = stack.start_worker(broker_options=SHORT_VISIBILITY)
    stack.mail.wait_for_sending(1)
    held = stack.redis.client.hgetall("unacked")
    site.wait_for_states([task_id], ["SUCCESS"])
    wait_for_acknowledgement(stack)
    stack.redis.client.hset("unacked", mapping=held)
    stack.redis.client.zadd("unacked_index", dict.fromkeys(held, 0))
    worker.wait_for(" received", count=2)
    wait_for_acknowledgement(stack)
    assert stack.mail.delivered.total() == 1


@pytest.mark.full
@pytest.mark.parametrize("break_redis", [kill, freeze])
def test_both_servers_are_away(stack, site, figure, break_redis):
    """Нет ни почты, ни Redis: через 20 секунд оба вернулись, и письма дошли."""
    emails = addresses(2)
    task_ids = site.post_all(emails)
    stack.start_worker(broker_options=SHORT_VISIBILITY)
    site.wait_for_states(task_ids, ["RETRY"])
    mend_redis = break_redis(stack.redis)
    time.sleep(20)
    mend_redis()
    stack.mail.start()
    wait_for_mails(stack, emails, 90)
    figure("писем, из них лишних", f"{len(emails)}, {stack.mail.duplicates()}")
    assert site.wait_for_states(task_ids, ["SUCCESS"]) == ["SUCCESS"] * len(emails)


@pytest.mark.full
def test_redis_freezes_under_load(stack, site, figure):
    """Redis под нагрузкой двадцать раз замирал на 3 секунды: все письма дошли по разу."""
    stack.mail.seconds = 0.3
    stack.mail.start()
    stack.start_worker(concurrency=POOL)
    task_ids = []
    for number in range(20):
        task_ids += site.post_all(f"{number}-{other}@example.com" for other in range(18))
        stack.redis.freeze()
        time.sleep(3)
        stack.redis.thaw()
    states = site.wait_for_states(task_ids, ["SUCCESS", "FAILURE"], 120)
    figure("писем, из них лишних", f"{len(task_ids)}, {stack.mail.duplicates()}")
    assert states == ["SUCCESS"] * len(task_ids)
    assert len(stack.mail.delivered) == len(task_ids)


# A worker takes no more mails if Celery, at its restart of the consumer, forgets one half of a
# long result that it was reading (see docs/limits.md).
STUCK = []
# The mail that a worker takes at the moment in which Redis begins to refuse writing is lost:
# Kombu has popped it, and can't write down that it has it. Measured for these two.
REPLIES = [
    pytest.param(fill_memory, 1, id="memory"),
    pytest.param(make_read_only, 1, id="read-only"),
    pytest.param(keep_busy, 0, id="busy"),
    pytest.param(want_replicas, 0, id="replicas"),
    pytest.param(require_password, 0, id="password"),
    pytest.param(refuse_clients, 0, id="clients"),
]


@pytest.mark.full
@pytest.mark.parametrize("break_redis, may_be_lost", REPLIES)
def test_redis_answers_with_errors(stack, site, figure, break_redis, may_be_lost):
    """Redis три секунды отвечал ошибками: воркер жив и шлёт письма дальше."""
    stack.mail.seconds = 0.2
    stack.mail.start()
    emails = addresses(40)
    site.post_all(emails)
    worker = stack.start_worker(concurrency=POOL, broker_options=SHORT_VISIBILITY)
    wait_until(lambda: stack.mail.attempts.total() >= POOL, 30, lambda: f"{POOL} attempts")
    mend_redis = break_redis(stack.redis)
    time.sleep(3)
    mend_redis()
    mended = time.monotonic()
    with suppress(pytest.fail.Exception):
        wait_until(lambda: not stack.redis.queued(), 30, lambda: "all are sent")
    assert worker.runs(), worker.output
    if stack.redis.queued():
        STUCK.append(worker.output)
        worker.kill()
        stack.start_worker(broker_options=SHORT_VISIBILITY)
        wait_until(lambda: not stack.redis.queued(), 60, lambda: worker.output)
    assert len(stack.mail.delivered) >= len(emails) - may_be_lost
    assert len(STUCK) < 2, "\n\n".join(STUCK)
    figure("дошли", f"{len(stack.mail.delivered)} из {len(emails)}")
    figure("все дошли через", f"{time.monotonic() - mended:.1f} с")
    figure("воркер пришлось запустить заново", "да" if worker.output in STUCK else "нет")
    site.wait_for_states(site.post_all(["late@example.com"]), ["SUCCESS"])


def test_mails_go_side_by_side_after_retries(stack, site, is_full, figure):
    """Почты не было, письма ждали повтора: потом воркер снова шлёт по четыре разом."""
    emails = addresses(60 if is_full else 20)
    task_ids = site.post_all(emails)
    stack.start_worker(concurrency=POOL)
    site.wait_for_states(task_ids, ["RETRY"])
    stack.mail.start()
    site.wait_for_states(task_ids, ["SUCCESS"])
    stack.mail.seconds = 2
    site.post_all(f"slow{number}@example.com" for number in range(POOL))
    stack.mail.wait_for_sending(POOL, 15)
    figure("писем ждали повтора", len(emails))
