"""A request that waits for the result of a task.

## What it does

Finds `AsyncResult.get`, `wait` and `join` of Celery, and blocking results of other queues.

## Why it blocks

The request waits for the queue, for a worker to be free and for the work. A full queue turns into hanging
requests.

## Example

    from tasks import render_invoice

    def invoice(order):
        return render_invoice.delay(order.id).get(timeout=30)

## Use instead

    def invoice(order):
        task = render_invoice.delay(order.id)
        return redirect(f"/invoices/{task.id}"), 202

## References

- https://docs.celeryq.dev/en/stable/userguide/tasks.html#avoid-launching-synchronous-subtasks
"""

from __future__ import annotations

from bridge.analysis.rules.base import Rule

__all__ = ["RULE"]

RULE = Rule(
    code="WB232",
    name="task-result",
    message="{sink} waits until a worker has done its task",
    effort=5,
    sinks=(
        "celery.result",
        "celery.result.AsyncResult.get",
        "celery.result.AsyncResult.wait",
        "celery.Task.delay.get",
        "celery.app.task.Task.delay.get",
        "celery.Task.apply_async.get",
        "celery.app.task.Task.apply_async.get",
        "celery.shared_task.delay.get",
    ),
)
