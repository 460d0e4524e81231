from django.urls import path

from . import views

app_name = "jokes_api"
urlpatterns = [
    path("random/", views.random_joke, name="random_joke"),
]
