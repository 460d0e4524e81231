import re

import pytest
from django.contrib.staticfiles import finders

from .conftest import FEEDBACK, answer_of

SUCCESS = "`feedback/templates/feedback/success.html`"


def test_page_shows_form(client):
    """На главной странице — форма с почтой, сообщением и кнопкой."""
    page = client.get("/").content.decode()
    for text in ("Электронная почта", "Сообщение", "Отправить"):
        assert text in page, f"На странице формы нет текста «{text}»"


def test_static_files(client):
    """Всё, что страница берёт из static, лежит на своём месте."""
    paths = re.findall(r'"/static/([^"]+)"', client.get("/").content.decode())
    assert paths == ["feedback/style.css"], "Страница не берёт из static свои стили"
    assert finders.find(*paths), "Нет файла `feedback/static/feedback/style.css`"


def test_success_page_follows_the_mail(client, post):
    """Страница успеха благодарит, говорит о письме и знает, где спросить о нём."""
    task_id = post()
    response = client.get(f"/success/{task_id}/")
    assert response.status_code == 200, f"Проверьте {SUCCESS}: {answer_of(response)}"
    page = response.content.decode()
    assert "Спасибо за отзыв" in page, f"В {SUCCESS} нет благодарности"
    assert "Письмо уже в пути" in page, f"В {SUCCESS} нет слов для тех, у кого нет JavaScript"
    assert 'id="mail-state"' in page, f'В {SUCCESS} нет места с `id="mail-state"`'
    assert f'data-url="/tasks/{task_id}/"' in page, f"Проверьте `data-url` в {SUCCESS}"
    assert '<script src="/static/feedback/mail_state.js" defer></script>' in page, (
        f"Проверьте тег script в {SUCCESS}"
    )
    assert finders.find("feedback/mail_state.js"), (
        "Нет файла `feedback/static/feedback/mail_state.js`"
    )


def test_longest_message(client, post):
    """Браузер пропускает 5000 символов, и форма их принимает, даже если все они — Enter."""
    page = client.get("/").content.decode()
    assert 'maxlength="5000"' in page, "Проверьте `maxlength` в `feedback/forms.py`"
    post("Проверьте `max_length` в `feedback/forms.py`.", message="а\r\n" * 2500)


@pytest.mark.parametrize(
    "field, value, error",
    [
        ("email", "", "Обязательное поле."),
        ("email", "anna", "Введите правильный адрес электронной почты."),
        ("email", "anna@example.com\nBcc: eve@example.com", "Введите правильный адрес"),
        ("message", "", "Обязательное поле."),
        ("message", "   ", "Обязательное поле."),
        ("message", "а" * 10_001, "не более 10000 символов"),
        ("message", "ноль\0", "Данные содержат запрещённый символ: ноль-байт"),
    ],
    ids=["no_email", "not_email", "header", "empty", "spaces", "too_long", "nul"],
)
def test_form_error(client, queue_length, field, value, error):
    """Ошибка в поле: форма возвращается с русским объяснением и введённым текстом."""
    response = client.post("/", FEEDBACK | {field: value})

    assert response.status_code == 200, "Форма с ошибкой должна показаться снова"
    page = response.content.decode()
    assert error in page, f"На странице нет объяснения «{error}»"
    for name in FEEDBACK.keys() - {field}:
        assert FEEDBACK[name] in page, f"Введённое в поле {name} потерялось"
    assert value in page, f"Введённое в поле {field} потерялось"
    assert queue_length() == 0, "Письмо встало в очередь, хотя в форме ошибка"
