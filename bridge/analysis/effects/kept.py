"""What whoever reads it first keeps for the whole request: who the user is, the session, the permissions."""

from __future__ import annotations

from collections.abc import Mapping

__all__ = ["KEPT", "SESSION", "USER", "Key"]

Key = tuple[str, str, str, int]  # a sink at a place

USER: Key = ("django.http.HttpRequest.user", "", "", 0)
SESSION: Key = ("django.http.HttpRequest.session", "", "", 0)
PERMISSIONS: Key = ("django.contrib.auth.models.PermissionsMixin.has_perm", "", "", 0)

# What reads it first keeps it for the whole request: one of each is told.
KEPT: Mapping[str, Key] = {
    "django.http.HttpRequest.user": USER,
    PERMISSIONS[0]: PERMISSIONS,  # the first asks for all of them
    **{
        f"django.http.HttpRequest.session.{name}": SESSION
        for name in (
            *("get", "pop", "setdefault", "update", "keys", "values", "items", "has_key", "set_expiry"),
            *("__getitem__", "__setitem__", "__contains__", "__delitem__"),
        )
    },
}
