from django import forms

from .tasks import send_feedback_email_task


class FeedbackForm(forms.Form):
    """Отзыв: куда ответить и что сказать."""

    email = forms.EmailField(label="Электронная почта")
    message = forms.CharField(
        label="Сообщение",
        max_length=5000,
        widget=forms.Textarea(attrs={"rows": 6}),
    )

    def send_email(self):
        """Ставит письмо в очередь и сразу возвращает управление."""
        return send_feedback_email_task.delay(
            self.cleaned_data["email"], self.cleaned_data["message"]
        )
