from .processes import wait_until


def test_outage_leaves_no_pile_of_jokes(start_worker, start_beat, jokes_api, queue_length):
    """Воркера долго не было: накопившиеся задачи устарели и не выполняются."""
    start_beat()
    wait_until(lambda: queue_length() >= 3, lambda: "beat не ставит задачи в очередь.")
    worker = start_worker(JOKES_API_URL=jokes_api.url)
    worker.wait_for("'Шутка номер 2'", "Задачи из CELERY_BEAT_SCHEDULE не выполняются.")
    assert worker.output.count("Discarding revoked task") >= 2, (
        "Старые задачи не устарели: проверьте `expires` в CELERY_BEAT_SCHEDULE"
    )
