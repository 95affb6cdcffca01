"""Who may do what: everybody reads, people who are logged in write."""

import hashlib
import hmac
import os

from pyramid.authorization import ACLHelper, Allow, Authenticated, Everyone

from . import store

# Some 50 ms and 16 MiB for each login, on the thread that answers it.
SCRYPT = {"n": 2**14, "r": 8, "p": 1}


class Notebook:
    """The root of the resource tree, with the access rules."""

    __acl__ = [(Allow, Everyone, "read"), (Allow, Authenticated, "write")]

    def __init__(self, request):
        self.request = request


class SessionSecurityPolicy:
    """Keeps the name in the session and asks the database for the person each time somebody wants to know."""

    def identity(self, request):
        name = request.session.get("person")
        return store.maybe_person(name) if name else None

    def authenticated_userid(self, request):
        person = self.identity(request)
        return person["name"] if person else None

    def permits(self, request, context, permission):
        name = self.authenticated_userid(request)
        principals = [Everyone, Authenticated, name] if name else [Everyone]
        return ACLHelper().permits(context, principals, permission)

    def remember(self, request, userid, **options):
        request.session["person"] = userid
        return []

    def forget(self, request, **options):
        request.session.invalidate()
        return []


def hash_password(password):
    """`password` as `salt$digest`, both in hexadecimal."""
    salt = os.urandom(16)
    return salt.hex() + "$" + hashlib.scrypt(password.encode(), salt=salt, **SCRYPT).hex()


def matches(password, stored):
    """True when `password` is the one that `stored` was made of."""
    salt, _, digest = stored.partition("$")
    again = hashlib.scrypt(password.encode(), salt=bytes.fromhex(salt), **SCRYPT).hex()
    return hmac.compare_digest(again, digest)
