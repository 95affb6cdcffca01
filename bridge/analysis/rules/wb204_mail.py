"""A request that sends or fetches mail.

## What it does

Finds smtplib, imaplib, poplib, Flask-Mail, Django's `send_mail` and the SDKs of mail services.

## Why it blocks

A mail server takes its time on purpose: greylisting, content checks, several round trips. The customer looks at
a spinning wheel meanwhile.

## Example

    import smtplib

    def confirm(order):
        with smtplib.SMTP("localhost") as server:
            server.send_message(order.mail())

## Use instead

    import aiosmtplib

    async def confirm(order):
        await aiosmtplib.send(order.mail(), hostname="localhost")

## References

- https://aiosmtplib.readthedocs.io/
- https://docs.python.org/3/library/smtplib.html
"""

from __future__ import annotations

from bridge.analysis.rules.base import Rule

__all__ = ["RULE"]

RULE = Rule(
    code="WB204",
    name="mail",
    message="{sink} talks to a mail server",
    effort=3,
    sinks=(
        "smtplib",
        "imaplib",
        "poplib",
        "nntplib",
        "flask_mail",
        "flask_mailman",
        "flask_mailing",
        "django.core.mail",
        "sendgrid",
        "mailchimp_transactional",
        "mailjet_rest",
        "postmarker",
        "sparkpost",
        "pyramid_mailer",
        "anymail",
        "marrow",
        "envelopes",
        "yagmail",
        "flanker",
        "python_http_client",
    ),
)
