import threading

from jokes.tasks import get_random_joke

from .processes import wait_until


def test_slow_api_does_not_stop_jokes(worker, jokes_api, start_beat):
    """API завис на первых запросах: следующие шутки всё равно приходят."""
    released = threading.Event()

    def hang_at_first(request):
        if request.number == 1:
            released.wait(20)
        request.send_joke()

    jokes_api.behave = hang_at_first
    start_beat()
    worker.wait_for("Шутка номер 2\n")
    released.set()


def test_server_error_is_retried_a_little(worker, jokes_api):
    """Ошибка 500: ещё два запроса; если и они неудачны, задача сдаётся без трассировки."""
    jokes_api.behave = lambda request: (
        request.send_joke() if request.number == 2 else request.send(b"", status=500)
    )
    get_random_joke.delay()
    worker.wait_for("Шутка номер 2\n")
    get_random_joke.delay()
    worker.wait_for("raised expected: HTTPError")
    assert jokes_api.requests == 2 + 3
    assert "Traceback" not in worker.output


def test_outage_leaves_no_pile_of_jokes(start_worker, start_beat, jokes_api, queue_length):
    """Воркера долго не было: накопившиеся задачи устарели и не выполняются."""
    start_beat()
    wait_until(lambda: queue_length() >= 3, 15, lambda: "beat не ставит задачи в очередь")
    worker = start_worker(JOKES_API_URL=jokes_api.url)
    worker.wait_for("Шутка номер 2\n")
    assert worker.output.count("Discarding revoked task") >= 2, "Старые задачи не устарели"
