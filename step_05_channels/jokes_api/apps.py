from django.apps import AppConfig


class JokesApiConfig(AppConfig):
    name = "jokes_api"
    verbose_name = "API шуток"
