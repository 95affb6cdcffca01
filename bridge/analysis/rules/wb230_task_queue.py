"""A request that hands work to a queue and waits until the broker has it.

## What it does

Finds Celery's `delay`, `apply_async` and `send_task`, RQ's `enqueue`, pika, kombu, dramatiq and huey.

## Why it blocks

The work runs elsewhere, but handing it over is a round trip to the broker, with retries when it is away.

## Example

    from tasks import send_invoice

    def checkout(order):
        send_invoice.delay(order.id)

## Use instead

    import asyncio

    from tasks import send_invoice

    async def checkout(order):
        await asyncio.to_thread(send_invoice.delay, order.id)

## References

- https://docs.celeryq.dev/en/stable/userguide/calling.html
- https://taskiq-python.github.io/
"""

from __future__ import annotations

from bridge.analysis.rules.base import Rule

__all__ = ["RULE"]

RULE = Rule(
    code="WB230",
    name="task-queue",
    message="{sink} hands work to a broker",
    effort=3,
    sinks=(
        "celery",
        "rq",
        "django_rq",
        "pika",
        "kombu",
        "amqp",
        "dramatiq",
        "huey",
        "django_q",
        "apscheduler",
        "flask_apscheduler",
        "flask_rq2",
        "flask_celeryext",
        "procrastinate",
        "mrq",
        "nameko.rpc",
        "librabbitmq",
        "amqpstorm",
        "puka",
        "stomp",
        "rabbitpy",
        "django_celery_results",
        "django_celery_beat",
    ),
)
