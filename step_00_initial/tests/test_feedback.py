import re
import time

import pytest
from django.contrib.staticfiles import finders
from django.urls import reverse

FEEDBACK = {"email": "anna@example.com", "message": "Мне всё понравилось"}


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


def test_success_page_thanks(client):
    """Страница успеха благодарит за отзыв."""
    page = client.get("/success/").content.decode()
    assert "Спасибо за отзыв" in page, "На странице успеха нет благодарности"


def test_redirect_waits_for_the_mail(client, mailoutbox, settings):
    """Ответ приходит только после того, как письмо отправлено: вкладка «висит»."""
    started = time.monotonic()
    response = client.post("/", FEEDBACK)
    seconds = time.monotonic() - started

    assert seconds >= settings.EMAIL_DELAY_SECONDS, (
        f"Ответ пришёл через {seconds:.2f} с: send_email() не ждёт EMAIL_DELAY_SECONDS"
    )
    assert len(mailoutbox) == 1, "К приходу ответа письмо ещё не отправлено"
    assert response.status_code == 302, "После отправки формы нет перенаправления"
    assert response.url == reverse("feedback:success"), "Перенаправление не на страницу успеха"


def test_mail_fields(client, mailoutbox, settings):
    """Письмо уходит автору отзыва от DEFAULT_FROM_EMAIL, в нём — проверенный текст отзыва."""
    assert settings.DEFAULT_FROM_EMAIL == "support@example.com", "Проверьте DEFAULT_FROM_EMAIL"
    settings.DEFAULT_FROM_EMAIL = "other@example.com"
    client.post("/", {"email": " anna@example.com ", "message": " Мне всё\r\nпонравилось "})

    (mail,) = mailoutbox
    assert mail.from_email == "other@example.com", "Проверьте `from_email=None`"
    assert mail.to == ["anna@example.com"], "Письмо ушло не автору отзыва"
    assert mail.body == "Спасибо за отзыв! Вы написали:\n\nМне всё\r\nпонравилось", (
        "В письме не то, что проверила форма: проверьте `cleaned_data`"
    )


def test_longest_message(client, mailoutbox):
    """Браузер пропускает 5000 символов, и форма их принимает, даже если все они — Enter."""
    page = client.get("/").content.decode()
    assert 'maxlength="5000"' in page, "Проверьте `maxlength` в `feedback/forms.py`"
    client.post("/", FEEDBACK | {"message": "а\r\n" * 2500})
    assert mailoutbox, (
        "Форма мала для этого текста: проверьте `max_length` в `feedback/forms.py`"
    )


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
def test_form_error(client, mailoutbox, field, value, error):
    """Ошибка в поле: форма возвращается с русским объяснением и введённым текстом."""
    response = client.post("/", FEEDBACK | {field: value})

    assert response.status_code == 200, "Форма с ошибкой должна показаться снова"
    page = response.content.decode()
    assert error in page, f"На странице нет объяснения «{error}»"
    for name in FEEDBACK.keys() - {field}:
        assert FEEDBACK[name] in page, f"Введённое в поле {name} потерялось"
    assert value in page, f"Введённое в поле {field} потерялось"
    assert not mailoutbox, "Письмо ушло, хотя в форме ошибка"
