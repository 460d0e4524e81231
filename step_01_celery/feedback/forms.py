from time import sleep

from django import forms
from django.conf import settings
from django.core.mail import send_mail
from django.utils.text import normalize_newlines


class MessageField(forms.CharField):
    """Конец строки браузер считает за один символ, а присылает двумя: оставляем один."""

    def to_python(self, value):
        return normalize_newlines(super().to_python(value))


class FeedbackForm(forms.Form):
    """Отзыв: куда ответить и что сказать."""

    email = forms.EmailField(label="Электронная почта")
    message = MessageField(
        label="Сообщение",
        max_length=5000,
        widget=forms.Textarea(attrs={"rows": 6}),
    )

    def send_email(self):
        """Отправляет письмо так же неспешно, как почтовый сервер под нагрузкой."""
        sleep(settings.EMAIL_DELAY_SECONDS)
        send_mail(
            subject="Ваш отзыв получен",
            message=f"Спасибо за отзыв! Вы написали:\n\n{self.cleaned_data['message']}",
            from_email=None,
            recipient_list=[self.cleaned_data["email"]],
        )
