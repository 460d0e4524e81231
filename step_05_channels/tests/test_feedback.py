import pytest

from .conftest import FEEDBACK


def test_page_shows_form(client):
    """На главной странице — форма с почтой, сообщением и кнопкой."""
    page = client.get("/").content.decode()
    for text in ("Электронная почта", "Сообщение", "Отправить"):
        assert text in page, f"На странице формы нет текста «{text}»"


def test_success_page_follows_the_mail(client):
    """Страница успеха благодарит, говорит о письме и знает, где спросить о нём."""
    response = client.post("/", FEEDBACK)
    assert response.status_code == 302, "После отправки формы нет перенаправления"

    task_id = response.url.removeprefix("/success/").removesuffix("/")
    page = client.get(response.url).content.decode()
    assert "Спасибо за отзыв" in page, "На странице успеха нет благодарности"
    assert "Письмо уже в пути" in page, "Без JavaScript о письме ничего не сказано"
    assert f'data-url="/tasks/{task_id}/"' in page, "Страница не знает адреса /tasks/…/"


@pytest.mark.parametrize(
    "field, value, error",
    [
        ("email", "", "Обязательное поле."),
        ("email", "anna", "Введите правильный адрес электронной почты."),
        ("email", "anna@example.com\nBcc: eve@example.com", "Введите правильный адрес"),
        ("message", "", "Обязательное поле."),
        ("message", "   ", "Обязательное поле."),
        ("message", "а" * 5001, "не более 5000 символов"),
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
