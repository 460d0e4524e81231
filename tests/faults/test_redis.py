"""Mails outlive Redis, and the site answers while it is away."""

import time

import pytest

from ..conftest import wait_until
from .servers import SHORT_VISIBILITY, addresses, wait_for_mails


def kill(redis):
    redis.kill()
    return redis.restart


def freeze(redis):
    redis.freeze()
    return redis.thaw


def require_password(redis):
    redis.client.config_set("requirepass", "secret")
    redis.client.execute_command("CLIENT KILL TYPE normal SKIPME yes")
    return lambda: redis.client.config_set("requirepass", "")


def fill_memory(redis):
    redis.client.config_set("maxmemory", 1)
    return lambda: redis.client.config_set("maxmemory", 0)


# What is done to Redis, and how soon the form has to answer all the same.
OUTAGES = [(kill, 2), (freeze, 5), (require_password, 5), (fill_memory, 2)]


@pytest.mark.parametrize("mails_in_flight", [1, 2])
def test_redis_is_killed(start_stack, is_full, figure, mails_in_flight):
    """Redis убит с письмами в очереди и снова запущен: все дошли, сайт и воркер те же самые."""
    count = mails_in_flight + (100 if is_full else 20) * (mails_in_flight - 1)
    stack = start_stack("tasks")
    stack.mail.start()
    stack.mail.seconds = 0.5
    site = stack.start_site()
    worker = stack.start_worker(broker_options=SHORT_VISIBILITY)
    emails = addresses(count)
    site.post_all(emails)
    wait_until(
        lambda: stack.mail.sending == mails_in_flight,
        20,
        lambda: f"отправляются {stack.mail.sending} писем",
    )
    stack.redis.kill()
    stack.mail.seconds = 0.02
    worker.wait_for("Connection to broker lost")
    stack.redis.restart()
    restarted = time.monotonic()
    wait_for_mails(stack, emails, 60)
    figure("писем, из них лишних", f"{count}, {stack.mail.duplicates()}")
    figure("все дошли через", f"{time.monotonic() - restarted:.1f} с")
    assert stack.mail.duplicates() <= mails_in_flight
    site.wait_for_states(site.post_all(["late@example.com"]), ["SUCCESS"])


@pytest.mark.parametrize("step", ["tasks", "channels"])
@pytest.mark.parametrize(
    "break_redis, bound", OUTAGES, ids=lambda value: getattr(value, "__name__", "")
)
def test_redis_is_away(start_stack, is_full, figure, step, break_redis, bound):
    """Redis недоступен: форма отвечает 503 и хранит текст; такое письмо не уйдёт и потом."""
    stack = start_stack(step)
    site = stack.start_site()
    (task_id,) = site.post_all(["before@example.com"])
    mend_redis = break_redis(stack.redis)
    deadline = time.monotonic() + (30 if is_full else 1)
    forms, polls = [], []
    while not forms or time.monotonic() < deadline:
        text = f"Отзыв номер {len(forms)}"
        forms.append(site.post("refused@example.com", text))
        assert forms[-1].status_code == 503
        assert text in forms[-1].text, "Текст пропал из формы"
        polls.append(site.get(f"/tasks/{task_id}/"))
    mend_redis()
    slowest_form = max(response.elapsed.total_seconds() for response in forms)
    slowest_poll = max(response.elapsed.total_seconds() for response in polls)
    figure("POST не дольше", f"{slowest_form:.1f} с ({len(forms)} раз)")
    figure("GET не дольше", f"{slowest_poll:.1f} с")
    assert max(slowest_form, slowest_poll) < bound
    wait_until(
        lambda: site.post("after@example.com").status_code == 302,
        10,
        lambda: "форма снова принята",
    )
    assert site.state(task_id) == "PENDING"
    assert stack.redis.queued() == 2, "В очереди письмо, которое форма не приняла"
