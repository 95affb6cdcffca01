"""Names of Django's ORM: what each method of a manager or query set gives.

Managers, query sets and related managers share one type here: who calls what is the same for all of them.
"""

from __future__ import annotations

from types import MappingProxyType

__all__ = [
    "FACTORIES",
    "FIRING",
    "ITEM",
    "LAZY",
    "MANAGERS",
    "MODEL",
    "MODEL_METHODS",
    "PAIR",
    "QUERY_SET",
    "RELATED_MANAGER",
    "ROW",
    "SETS",
]

MODEL = "django.db.models.Model"
QUERY_SET = "django.db.models.QuerySet"
RELATED_MANAGER = "django.db.models.fields.related_descriptors.RelatedManager"
LAZY = "django.db.models.fields.related_descriptors.ForwardManyToOneDescriptor.__get__"

MANAGERS = frozenset({"objects", "_default_manager", "_base_manager", "all_objects"})

# Give another query set and ask nothing.
SETS = frozenset(
    [
        "all",
        "filter",
        "exclude",
        "annotate",
        "alias",
        "order_by",
        "reverse",
        "distinct",
        "select_related",
        "prefetch_related",
        "select_for_update",
        "defer",
        "only",
        "using",
        "none",
        "union",
        "intersection",
        "difference",
        "extra",
        "get_queryset",
        "complex_filter",
        "iterator",
        "aiterator",
        "dates",
        "datetimes",
        "raw",
        "_clone",
        "_chain",
        "db_manager",
        "live",
        "public",
    ]
)

# Give rows of values and no instances: what is in them has no attributes that ask.
ROW = frozenset({"values", "values_list"})

# Give one instance.
ITEM = frozenset(
    [
        "get",
        "first",
        "last",
        "earliest",
        "latest",
        "create",
        "aget",
        "afirst",
        "alast",
        "aearliest",
        "alatest",
        "acreate",
    ]
)

# Give (instance, bool).
PAIR = frozenset({"get_or_create", "update_or_create", "aget_or_create", "aupdate_or_create"})

# method -> signals that it fires; the model's own `save` or `delete` runs where `saves` is told.
FIRING: MappingProxyType[str, tuple[str, ...]] = MappingProxyType(
    {
        "create": ("save",),
        "get_or_create": ("save",),
        "update_or_create": ("save",),
        "acreate": ("save",),
    }
)

MODEL_METHODS = frozenset(
    [
        "save",
        "delete",
        "refresh_from_db",
        "full_clean",
        "validate_unique",
        "save_base",
        "asave",
        "adelete",
        "arefresh_from_db",
        "clean_fields",
        "get_deferred_fields",
        "serializable_value",
    ]
)

# Functions that are given a model or a query set and give an instance.
FACTORIES = frozenset(
    [
        "django.shortcuts.get_object_or_404",
        "django.shortcuts.aget_object_or_404",
        "rest_framework.generics.get_object_or_404",
    ]
)
