from django.urls import path

from . import views

app_name = "feedback"
urlpatterns = [
    path("", views.FeedbackFormView.as_view(), name="feedback"),
    path("success/<uuid:task_id>/", views.SuccessView.as_view(), name="success"),
    path("tasks/<uuid:task_id>/", views.task_state, name="task_state"),
]
