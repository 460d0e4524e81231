"""Mails outlive the processes that send them."""

import pytest

from .servers import SHORT_VISIBILITY, addresses, wait_for_mails


@pytest.fixture
def stack(start_stack):
    stack = start_stack("tasks")
    stack.mail.start()
    return stack


def test_worker_is_killed_three_times(stack, is_full, figure):
    """Воркер трижды убит: дошли все письма, лишние — только те, что в тот миг отправлялись."""
    count, concurrency = (200, 4) if is_full else (24, 2)
    stack.mail.seconds = 0.2
    site = stack.start_site()
    emails = addresses(count)
    site.post_all(emails)
    for _ in range(3):
        worker = stack.start_worker(concurrency=concurrency, broker_options=SHORT_VISIBILITY)
        worker.wait_for("succeeded in")
        stack.mail.wait_for_sending(concurrency)
        worker.kill()
    stack.start_worker(concurrency=concurrency, broker_options=SHORT_VISIBILITY)
    wait_for_mails(stack, emails, 60)
    figure("писем отправлено и дошло", f"{count} и {len(stack.mail.delivered)}")
    figure("лишних писем", stack.mail.duplicates())
    assert stack.mail.duplicates() <= 3 * concurrency


@pytest.mark.full
def test_pool_child_is_killed(stack, figure):
    """Дочерний процесс воркера убит посреди отправки: его письмо уходит ещё раз."""
    stack.mail.seconds = 1
    site = stack.start_site()
    worker = stack.start_worker()
    (task_id,) = site.post_all(addresses(1))
    stack.mail.wait_for_sending(1)
    for child in worker.children():
        child.kill()
    stack.mail.seconds = 0
    site.wait_for_states([task_id], ["SUCCESS"])
    figure("попыток", stack.mail.attempts.total())
    assert stack.mail.delivered.total() == 1


def test_worker_is_told_to_stop(stack, figure):
    """Воркеру велено остановиться: начатые письма он дописывает, остальные ждут нового."""
    stack.mail.seconds = 0.5
    site = stack.start_site()
    worker = stack.start_worker()
    emails = addresses(4)
    task_ids = site.post_all(emails)
    stack.mail.wait_for_sending(2)
    worker.stop()
    figure("дописано перед остановкой", stack.mail.delivered.total())
    assert stack.mail.delivered.total() >= 2
    assert stack.mail.duplicates() == 0
    assert stack.mail.delivered.total() + stack.redis.queued() == len(emails)
    stack.mail.seconds = 0
    stack.start_worker()
    site.wait_for_states(task_ids, ["SUCCESS"])
    assert stack.mail.duplicates() == 0


@pytest.mark.full
def test_one_of_two_workers_is_killed(stack, figure):
    """Из двух воркеров убит один: его письма досылает другой."""
    stack.mail.seconds = 0.3
    site = stack.start_site()
    first = stack.start_worker("-n", "first@%h", broker_options=SHORT_VISIBILITY)
    stack.start_worker("-n", "second@%h", broker_options=SHORT_VISIBILITY)
    emails = addresses(24)
    site.post_all(emails)
    stack.mail.wait_for_sending(4)
    first.kill()
    wait_for_mails(stack, emails, 60)
    figure("лишних писем", stack.mail.duplicates())
    assert stack.mail.duplicates() <= 2


@pytest.mark.full
def test_backlog_is_longer_than_visibility_timeout(stack, figure):
    """Очередь длиннее visibility_timeout: каждое письмо приходит ровно один раз."""
    count = 60
    stack.mail.seconds = 0.3
    site = stack.start_site()
    emails = addresses(count)
    task_ids = site.post_all(emails)
    options = SHORT_VISIBILITY | {"visibility_timeout": 1}
    worker = stack.start_worker(broker_options=options)
    site.wait_for_states(task_ids, ["SUCCESS"])
    figure("писем", stack.mail.delivered.total())
    assert stack.mail.delivered == dict.fromkeys(emails, 1)
    assert worker.output.count(" received\n") == count
