from smtplib import SMTPException, SMTPRecipientsRefused
from time import sleep

from celery import shared_task
from celery.exceptions import SoftTimeLimitExceeded
from django.conf import settings
from django.core.mail import send_mail


class MailRejected(Exception):
    """Почтовый сервер отказал окончательно: повторять бесполезно."""


@shared_task(
    track_started=True,
    # Письмо остаётся в Redis, пока не отправлено, даже если воркер убит.
    acks_late=True,
    reject_on_worker_lost=True,
    retry_on_worker_lost=True,
    default_retry_delay=1,
    # Временные ошибки повторяются, паузы растут и случайно меняются.
    autoretry_for=(OSError, SoftTimeLimitExceeded),
    retry_backoff=True,
    retry_backoff_max=60,
    max_retries=15,
    # Если в это время нет и Redis, повтор ждёт его, а не теряет письмо.
    retry_kwargs={"retry_policy": {"max_retries": None}},
    throws=(MailRejected,),
    soft_time_limit=60,
    time_limit=90,
)
def send_feedback_email_task(email_address, message):
    """Отправляет письмо так же неспешно, как почтовый сервер под нагрузкой."""
    sleep(settings.EMAIL_DELAY_SECONDS)
    try:
        send_mail(
            subject="Ваш отзыв получен",
            message=f"Спасибо за отзыв! Вы написали:\n\n{message}",
            from_email="support@example.com",
            recipient_list=[email_address],
        )
    except SMTPException as error:
        if is_permanent(error):
            raise MailRejected(str(error)) from error
        raise


def is_permanent(error):
    """Коды 5xx — окончательный отказ, 4xx и обрыв связи — временная ошибка."""
    if isinstance(error, SMTPRecipientsRefused):
        (code, _), *_ = error.recipients.values()
    else:
        code = getattr(error, "smtp_code", 0)
    return code >= 500
