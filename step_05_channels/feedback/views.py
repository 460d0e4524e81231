import logging

from celery.result import AsyncResult
from django.http import JsonResponse
from django.shortcuts import redirect
from django.views.generic import FormView, TemplateView
from kombu.exceptions import DecodeError, OperationalError
from redis.exceptions import RedisError

from .forms import FeedbackForm

logger = logging.getLogger(__name__)


class FeedbackFormView(FormView):
    form_class = FeedbackForm
    template_name = "feedback/feedback.html"

    def form_valid(self, form):
        try:
            task = form.send_email()
        except (OperationalError, RuntimeError) as error:
            # Так Celery сообщает, что Redis недоступен. Любая другая причина — ошибка в коде.
            if not isinstance(error.__cause__, RedisError):
                raise
            logger.error("Письмо не встало в очередь: %s", error.__cause__)
            form.add_error(
                None,
                "Сейчас письмо не отправить: очередь задач недоступна. "
                "Ваш текст сохранён в форме, попробуйте ещё раз через минуту.",
            )
            return self.render_to_response(self.get_context_data(form=form), status=503)
        return redirect("feedback:success", task_id=task.id)


class SuccessView(TemplateView):
    template_name = "feedback/success.html"


def task_state(request, task_id):
    """Отвечает, что сейчас с письмом: PENDING, STARTED, RETRY, SUCCESS или FAILURE."""
    try:
        return JsonResponse({"state": AsyncResult(str(task_id)).state})
    except (RedisError, DecodeError):
        return JsonResponse({"state": None}, status=503)
