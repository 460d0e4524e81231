"""Mails outlive Redis, and the site answers while it is away."""

import time

import pytest

from ..conftest import wait_until
from .outages import fill_memory, freeze, kill, require_password
from .servers import SHORT_VISIBILITY, addresses, wait_for_mails

# The step, what is done to its Redis and for how many seconds at the full size, and how soon
# the form has to answer all the same.
OUTAGES = [
    pytest.param("channels", kill, 30, 2, id="killed-channels"),
    pytest.param("tasks", freeze, 5, 4, id="frozen-tasks"),
    pytest.param("channels", require_password, 5, 5, id="password-channels"),
    pytest.param("tasks", kill, 30, 2, id="killed-tasks", marks=pytest.mark.full),
    pytest.param("channels", freeze, 5, 4, id="frozen-channels", marks=pytest.mark.full),
    pytest.param("tasks", require_password, 5, 5, id="password-tasks", marks=pytest.mark.full),
    pytest.param("channels", fill_memory, 5, 2, id="full-channels", marks=pytest.mark.full),
    pytest.param("tasks", fill_memory, 5, 2, id="full-tasks", marks=pytest.mark.full),
]


@pytest.mark.parametrize("in_flight", [1, pytest.param(2, marks=pytest.mark.full)])
def test_redis_is_killed(start_stack, figure, in_flight):
    """Redis убит с письмами в очереди и снова запущен: все дошли, сайт и воркер те же самые."""
    # With one mail the other process of the pool is free, and waits for a task.
    count = 1 if in_flight == 1 else 100
    stack = start_stack("tasks")
    stack.mail.start()
    stack.mail.seconds = 0.5
    site = stack.start_site()
    worker = stack.start_worker(broker_options=SHORT_VISIBILITY)
    emails = addresses(count)
    site.post_all(emails)
    stack.mail.wait_for_sending(in_flight)
    stack.redis.kill()
    stack.mail.seconds = 0.02
    worker.wait_for("Connection to broker lost")
    stack.redis.restart()
    restarted = time.monotonic()
    wait_for_mails(stack, emails, 60)
    figure("писем, из них лишних", f"{count}, {stack.mail.duplicates()}")
    figure("все дошли через", f"{time.monotonic() - restarted:.1f} с")
    assert stack.mail.duplicates() <= in_flight
    site.wait_for_states(site.post_all(["late@example.com"]), ["SUCCESS"])


@pytest.mark.parametrize("step, break_redis, seconds, bound", OUTAGES)
def test_redis_is_away(start_stack, is_full, figure, step, break_redis, seconds, bound):
    """Redis недоступен: форма отвечает 503 и хранит текст; такое письмо не уйдёт и потом."""
    stack = start_stack(step)
    site = stack.start_site()
    (task_id,) = site.post_all(["before@example.com"])
    mend_redis = break_redis(stack.redis)
    deadline = time.monotonic() + (seconds if is_full else 1)
    forms, polls = [], []
    while not forms or time.monotonic() < deadline:
        text = f"Отзыв номер {len(forms)}"
        forms.append(site.post("refused@example.com", text))
        assert forms[-1].status_code == 503
        assert text in forms[-1].text, "The form has lost the text"
        polls.append(site.get(f"/tasks/{task_id}/"))
    mend_redis()
    slowest_form = max(response.elapsed.total_seconds() for response in forms)
    slowest_poll = max(response.elapsed.total_seconds() for response in polls)
    figure("POST не дольше", f"{slowest_form:.1f} с ({len(forms)} раз)")
    figure("GET не дольше", f"{slowest_poll:.1f} с")
    assert max(slowest_form, slowest_poll) < bound
    wait_until(
        lambda: site.post("after@example.com").status_code == 302, 10, lambda: "form accepted"
    )
    assert site.state(task_id) == "PENDING"
    assert stack.redis.queued() == 2, "A mail that the form has refused is queued"
