from smtplib import SMTPRecipientsRefused
from time import sleep

from celery import shared_task
from celery.exceptions import SoftTimeLimitExceeded
from django.conf import settings
from django.core.mail import get_connection, send_mail


class MailRejected(Exception):
    """Почтовый сервер не принимает этого получателя: повторять бесполезно."""


@shared_task(
    track_started=True,
    # Письмо остаётся в Redis, пока не отправлено, даже если воркер убит.
    acks_late=True,
    reject_on_worker_lost=True,
    # После временной ошибки задача повторяется, паузы растут и случайно меняются.
    autoretry_for=(OSError, SoftTimeLimitExceeded),
    retry_backoff=True,
    retry_backoff_max=60,
    max_retries=15,
    throws=(MailRejected,),
    soft_time_limit=60,
)
def send_feedback_email_task(email_address, message):
    """Отправляет письмо так же неспешно, как почтовый сервер под нагрузкой."""
    sleep(settings.EMAIL_DELAY_SECONDS)
    # Открываем и не закрываем: прощание с сервером, который завис, не кончилось бы.
    connection = get_connection()
    connection.open()
    try:
        send_mail(
            subject="Ваш отзыв получен",
            message=f"Спасибо за отзыв! Вы написали:\n\n{message}",
            from_email=None,
            recipient_list=[email_address],
            connection=connection,
        )
    except SMTPRecipientsRefused as error:
        # Код 5xx — окончательный отказ, 4xx — «попробуйте позже».
        if all(code >= 500 for code, _ in error.recipients.values()):
            raise MailRejected(str(error)) from error
        raise
