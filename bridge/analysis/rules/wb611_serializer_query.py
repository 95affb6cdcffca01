"""A serializer that queries the database.

## What it does

Finds queries that Django REST framework's serializers (and marshmallow's schemas) cause while they turn objects
into data: nested serializers, `source` with dots, method fields, sets of keys. The function that REST framework makes
of a serializer's fields is told as `BookSerializer.<fields>`, each field on its own line.

## Why it blocks

One query per object and nested field, at the end of the view where nobody looks for it.

## Example

    from rest_framework import serializers

    class BookSerializer(serializers.ModelSerializer):
        author = serializers.CharField(source="author.name")

## Use instead

    from rest_framework import viewsets

    class BookViewSet(viewsets.ReadOnlyModelViewSet):
        queryset = Book.objects.select_related("author")

## References

- https://www.django-rest-framework.org/api-guide/relations/#notes
- https://docs.djangoproject.com/en/stable/ref/models/querysets/#select-related
"""

from __future__ import annotations

from bridge.analysis.rules.base import Place, Rule

__all__ = ["RULE"]

RULE = Rule(
    code="WB611",
    name="serializer-query",
    message="{sink} is asked from a serializer",
    effort=3,
    place=Place.SERIALIZER,
    takes_over=(
        "WB210",
        "WB211",
        "WB212",
        "WB213",
        "WB214",
        "WB215",
    ),
)
