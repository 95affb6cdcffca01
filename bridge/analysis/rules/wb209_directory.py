"""A request that asks a directory or an authentication server.

## What it does

Finds ldap3, python-ldap, django-auth-ldap, pyrad, kerberos and PAM.

## Why it blocks

A login waits for the directory server, which may be slow or far, and python-ldap does so inside C.

## Example

    import ldap3

    def is_member(user, group):
        connection = ldap3.Connection(server, auto_bind=True)
        return connection.search(group, f"(uid={user})")

## Use instead

    import bonsai

    async def is_member(user, group):
        async with bonsai.LDAPClient("ldap://directory").connect(is_async=True) as connection:
            return await connection.search(group, bonsai.LDAPSearchScope.SUB, f"(uid={user})")

## References

- https://bonsai.readthedocs.io/en/latest/async.html
"""

from __future__ import annotations

from bridge.analysis.rules.base import Rule

__all__ = ["RULE"]

RULE = Rule(
    code="WB209",
    name="directory",
    message="{sink} asks a directory server",
    effort=3,
    sinks=(
        "ldap3",
        "ldap",
        "ldappool",
        "flask_ldap3_login",
        "django_auth_ldap",
        "pyrad",
        "kerberos",
        "gssapi",
        "pam",
        "cas",
    ),
)
