"""E-mail to customers, over SMTP to this machine; when nobody listens there, into a folder."""

import logging
import os
import smtplib
import threading
import time
from email.message import EmailMessage

from . import context, settings

TIMEOUT = 2.0  # seconds
log = logging.getLogger("shop.mailer")


def send(to, subject, text):
    """Send now, while the customer waits. Returns True when an SMTP server took it."""
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "shop@bridge.example", to, subject
    message.set_content(text)
    try:
        with smtplib.SMTP("127.0.0.1", settings.MAIL_PORT, timeout=TIMEOUT) as server:
            server.send_message(message)
    except (OSError, smtplib.SMTPException) as problem:
        log.warning("mail to %s kept in the outbox: %s", to, problem)
        _keep(message)
        return False
    return True


def send_later(to, subject, text):
    """Send from a thread of its own, which nobody waits for and nobody counts."""
    # The new thread has no thread-local user, so the log would say "-": hand the name over.
    who = context.user_name()
    threading.Thread(target=send, args=(to, subject, text + "\n\n(sent for %s)" % who), daemon=True).start()


def _keep(message):
    path = os.path.join(settings.OUTBOX, "%d.eml" % time.time_ns())
    with open(path, "wb") as target:
        target.write(message.as_bytes())
