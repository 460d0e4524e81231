from time import sleep

from django import forms
from django.conf import settings
from django.core.mail import send_mail


class FeedbackForm(forms.Form):
    """Отзыв: куда ответить и что сказать."""

    email = forms.EmailField(label="Электронная почта")
    message = forms.CharField(
        label="Сообщение",
        # Браузер считает конец строки за один символ, а присылает двумя.
        max_length=2 * 5000,
        widget=forms.Textarea(attrs={"rows": 6}),
    )
    message.widget.attrs["maxlength"] = 5000

    def send_email(self):
        """Отправляет письмо так же неспешно, как почтовый сервер под нагрузкой."""
        sleep(settings.EMAIL_DELAY_SECONDS)
        send_mail(
            subject="Ваш отзыв получен",
            message=f"Спасибо за отзыв! Вы написали:\n\n{self.cleaned_data['message']}",
            from_email=None,
            recipient_list=[self.cleaned_data["email"]],
        )
