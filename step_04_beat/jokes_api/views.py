import random

from django.http import JsonResponse

from .jokes import JOKES


def random_joke(request):
    """Отдаёт случайную шутку в том же виде, что и настоящий API шуток."""
    number = random.randrange(len(JOKES))
    return JsonResponse(
        {"type": "success", "value": {"id": number + 1, "joke": JOKES[number]}},
        json_dumps_params={"ensure_ascii": False},
    )
