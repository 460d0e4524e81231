"""`bench`: it measures what is right, draws charts that load nothing, and leaves nothing."""

import json
import re
import shutil
import signal
from dataclasses import replace

import pytest

from workshop.bench import charts, fanout, load, production, results, table, tabs
from workshop.bench.sections import QUICK
from workshop.bench.table import PER_SECOND, SECONDS, Row, Table
from workshop.bench.variants import variants
from workshop.processes.guard import Guard
from workshop.stage import Stage, WrongAnswer
from workshop.steps import find_lessons

from .conftest import wait_until

REFUSES = """\
from django.core.exceptions import PermissionDenied
from .views_of_the_step import *
class FeedbackFormView(FeedbackFormView):
    def form_valid(self, form):
        raise PermissionDenied
"""
STOP_SECONDS = 20


@pytest.fixture
def bench(workshop, tmp_path):
    """Run `bench` in a copy of the workshop; its family are all that it has started."""

    def bench(*words):
        process = workshop("bench", *words)
        process.cwd = tmp_path
        return process

    return bench


def test_refused_form_is_no_measurement(bench, workshop_copy):
    app = workshop_copy / "step_02_redis" / "feedback"
    (app / "views.py").rename(app / "views_of_the_step.py")
    (app / "views.py").write_text(REFUSES)
    process = bench("answer", "--quick")
    assert process.wait() == 1
    refusal = "Шаг 02 не принял форму: ответ 403 на / вместо страницы /success/."
    assert refusal in process.output
    assert "1 человек" not in process.output, "There is a table"
    assert "Traceback" not in process.output
    assert not (workshop_copy / ".workshop" / "bench").exists()
    assert not process.family()


def test_ctrl_c_leaves_nothing(bench, tmp_path):
    process = bench("answer", "--quick")
    process.wait_for("шаг 02: по одной форме")
    assert len(process.family()) > 3
    process.send(signal.SIGINT)
    assert process.wait(STOP_SECONDS) == 130
    assert "Прервано" in process.output
    assert "Traceback" not in process.output
    wait_until(lambda: not process.family(), 1, lambda: f"still run: {process.family()}")
    assert not [*tmp_path.glob("ws-*")]


def test_joke_reaches_the_pages_of_each_variant():
    """In a real run, but a small one."""
    with Guard() as guard:
        size = replace(QUICK, pages=(20,), jokes=2)
        found = fanout.measure(Stage(guard, lambda line: None), size)
    assert found.columns == ["20 страниц"]
    assert [row.key for row in found.rows] == [variant.key for variant in variants()]
    for row in found.rows:
        ((first, second),) = row.values
        assert 0 < first < 5 and 0 < second < 5, row


def test_wrong_joke_is_no_measurement(monkeypatch):
    monkeypatch.setattr(fanout, "variants", lambda: variants()[:1])
    monkeypatch.setattr(fanout, "joke", lambda number: "Не та шутка. " * 20)
    with Guard() as guard, pytest.raises(WrongAnswer, match="пришло не то, что отправлено"):
        fanout.measure(Stage(guard, lambda line: None), replace(QUICK, pages=(2,), jokes=1))


needs_nginx = pytest.mark.skipif(
    not all(map(shutil.which, production.PROGRAMS)),
    reason="нет nginx, redis-server или openssl (apt install nginx-light redis-server openssl)",
)


@needs_nginx
def test_form_of_the_production_site_sends_one_mail():
    """In a real run, but a small one."""
    with Guard() as guard:
        size = replace(QUICK, load_users=(2,), load_seconds=0.4)
        found = load.measure(Stage(guard, lambda line: None), size)
    (row,) = found.rows
    assert row.label == "2 человека", "A wrong answer is named here"
    forms, _, meanwhile, in_the_end = row.medians
    assert forms > 0 and meanwhile > 0 and in_the_end > 0, row
    assert max(map(len, table.lines(found))) <= 80


@needs_nginx
def test_tabs_are_counted_up_to_the_limit(monkeypatch):
    """nginx has a connection to a page and one to the site, and some for itself."""
    files = production.files_of(find_lessons("06")[0])
    conf = re.sub(r"(?<=worker_connections )\d+", "40", files["deploy/nginx.conf"])
    conf = re.sub(r"worker_processes.*", "", conf)
    monkeypatch.setattr(production, "files_of", lambda _: files | {"deploy/nginx.conf": conf})
    with Guard() as guard:
        found = tabs.measure(
            Stage(guard, lambda line: None), replace(QUICK, tabs=(30, 40), jokes=1)
        )
    (row,) = found.rows
    assert row.label == "30 страниц: открылись не все"
    assert 15 < row.medians[0] < 20, row
    assert 0 < row.medians[1] < 5, row


@pytest.fixture
def measured():
    """What a machine has measured: results of the sections that have charts."""
    rows = {
        "answer": [Row("step_02", "шаг 02: письмо за 20 с", [[20.0, 20.2], [21.0]])],
        "mails": [Row("1", "1 процесс", [[9.5]]), Row("4", "4 процесса", [[36.0]])],
        "outage": [Row("step_03", "шаг 03", [[1.1]]), Row("celery", "Celery", [[19.1]])],
        "fanout": [Row("bare", "без Django", [[0.003]]), Row("step_05", "шаг 05", [[0.2]])],
    }
    rows["answer"].append(Row("step_03", "шаг 03: в очередь", [[0.02, 0.04], [0.25]]))
    columns = {"answer": ["1 человек", "20 сразу"], "fanout": ["100 страниц"]}
    return {
        name: results.Result(
            Table(
                "Примечание.",
                PER_SECOND if name == "mails" else SECONDS,
                columns.get(name, ["одно"]),
                found,
                "step_03" if name == "answer" else found[0].key,
            ),
            "Машина <2 ядра>",
            "29 ноября 2026",
            True,
        )
        for name, found in rows.items()
    }


def test_charts_load_nothing_and_are_the_same_each_time(measured, tmp_path):
    drawn = charts.draw(measured, tmp_path)
    first = [path.read_text() for path in drawn]
    assert [path.name for path in drawn] == [
        "bench_answer.svg",
        "bench_mails.svg",
        "bench_fanout.svg",
    ]
    for text in first:
        links = set(re.findall(r"(?:https?:)?//[^\s\"'<>)]+", text))
        # The names of the two languages are no addresses that anybody opens.
        assert links <= {"http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"}
        assert "<script" not in text
        assert "Машина &lt;2 ядра&gt;. 29 ноября 2026, короткое измерение" in text
    assert "20 с" in first[0] and "30 мс" in first[0] and "19 с" in first[0]
    results.write(tmp_path, measured)
    charts.draw(results.read(tmp_path), tmp_path)
    assert [path.read_text() for path in drawn] == first


def test_results_of_other_sections_stay(measured, tmp_path):
    results.write(tmp_path, measured)
    newer = replace(measured["mails"], is_quick=False)
    results.write(tmp_path, {"mails": newer})
    assert results.read(tmp_path) == measured | {"mails": newer}
    (tmp_path / results.NAME).write_text(json.dumps({"mails": {"something": "else"}}))
    assert results.read(tmp_path) == {}


def test_table_shows_medians_and_ratios(measured):
    assert table.lines(measured["answer"].table) == [
        "                            1 человек      20 сразу",
        "  шаг 02: письмо за 20 с   20 с  ×670    21 с   ×84",
        "  шаг 03: в очередь       30 мс    ×1  250 мс    ×1",
    ]
