"""Mail to readers, through Django's SMTP backend; what can't be sent goes into a folder."""

import logging
import smtplib
import time

from django.conf import settings
from django.core.mail import send_mail

log = logging.getLogger("library.notices")


def notify(reader, subject, text):
    """Send one mail now. Returns True when the mail server took it."""
    try:
        send_mail(subject, text, None, [reader.email])
    except (OSError, smtplib.SMTPException) as problem:
        log.warning("no mail for %s: %s", reader, problem)
        path = settings.OUTBOX / ("%d.txt" % time.time_ns())
        path.write_text("To: %s\nSubject: %s\n\n%s\n" % (reader.email, subject, text), encoding="utf-8")
        return False
    return True
