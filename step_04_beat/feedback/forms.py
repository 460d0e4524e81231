from django import forms
from django.utils.text import normalize_newlines

from .tasks import send_feedback_email_task


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
        """Ставит письмо в очередь и сразу возвращает управление."""
        return send_feedback_email_task.delay(
            self.cleaned_data["email"], self.cleaned_data["message"]
        )
