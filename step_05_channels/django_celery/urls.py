"""Адреса проекта."""

from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("admin/", admin.site.urls),
    path("api/jokes/", include("jokes_api.urls")),
    path("jokes/", include("jokes.urls")),
    path("", include("feedback.urls")),
]
