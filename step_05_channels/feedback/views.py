from celery.result import AsyncResult
from django.http import JsonResponse
from django.shortcuts import redirect
from django.views.generic import FormView, TemplateView
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from .forms import FeedbackForm


class FeedbackFormView(FormView):
    form_class = FeedbackForm
    template_name = "feedback/feedback.html"

    def form_valid(self, form):
        try:
            task = form.send_email()
        # RuntimeError — так Celery сообщает, что хранилище результатов недоступно.
        except (OperationalError, RedisError, RuntimeError):
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
    except RedisError:
        return JsonResponse({"state": None}, status=503)
