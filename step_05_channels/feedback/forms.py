from django import forms

from .tasks import send_feedback_email_task


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
        """Ставит письмо в очередь и сразу возвращает управление."""
        return send_feedback_email_task.delay(
            self.cleaned_data["email"], self.cleaned_data["message"]
        )
