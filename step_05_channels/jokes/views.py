from django.conf import settings
from django.shortcuts import render


def index(request):
    schedule = settings.CELERY_BEAT_SCHEDULE["get_random_joke"]["schedule"]
    return render(request, "jokes/index.html", {"seconds": schedule})
