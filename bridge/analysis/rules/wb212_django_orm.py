"""A request that queries through Django's ORM.

## What it does

Finds where a queryset is evaluated (iteration, `len`, `bool`, `list`, `get`, `first`, `count`, `exists`),
`save`, `delete`, `create`, transactions and cursors.

## Why it blocks

Each evaluation is a round trip to the database. Django's `a`-methods keep the event loop free, but each still
waits in a thread: they make a view async, not cheaper.

## Example

    def book(request, pk):
        found = Book.objects.get(pk=pk)
        return render(request, "book.html", {"book": found})

## Use instead

    async def book(request, pk):
        found = await Book.objects.select_related("author").aget(pk=pk)
        return render(request, "book.html", {"book": found})

## References

- https://docs.djangoproject.com/en/stable/topics/async/
- https://docs.djangoproject.com/en/stable/topics/db/queries/#asynchronous-queries
"""

from __future__ import annotations

from bridge.analysis.rules.base import Rule

__all__ = ["RULE"]

RULE = Rule(
    code="WB212",
    name="django-orm",
    message="{sink} waits for the database",
    effort=3,
    sinks=(
        "django.db",
        "django.http",
        "django.template",
        "django.contrib",
        "rest_framework",
        "django_filters",
        "mptt",
        "treebeard",
        "polymorphic",
        "guardian",
        "reversion",
        "simple_history",
        "import_export",
        "taggit",
        "modelcluster",
        "wagtail",
        "cms",
        "django.forms",
        "django.shortcuts",
        "django.views",
        "django.core.paginator",
        "django.contrib.auth",
        "django.contrib.sessions",
    ),
)
