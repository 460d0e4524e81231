from django.urls import reverse_lazy
from django.views.generic import FormView, TemplateView

from .forms import FeedbackForm


class FeedbackFormView(FormView):
    form_class = FeedbackForm
    template_name = "feedback/feedback.html"
    success_url = reverse_lazy("feedback:success")

    def form_valid(self, form):
        form.send_email()
        return super().form_valid(form)


class SuccessView(TemplateView):
    template_name = "feedback/success.html"
