"""Password hashing: slow on purpose, and on the thread that answers the request."""

import hashlib
import hmac
import os
import time

ROUNDS = 120_000  # PBKDF2 iterations, some 50 ms of CPU each time
BAD_LOGIN_PAUSE = 0.3  # seconds, "against brute force"


def hash_password(password):
    """`password` as `salt$digest`, both in hexadecimal."""
    salt = os.urandom(16)
    return salt.hex() + "$" + _digest(password, salt)


def matches(password, stored):
    """True when `password` is the one that `stored` was made of. A wrong one costs a pause."""
    salt, _, digest = stored.partition("$")
    if hmac.compare_digest(_digest(password, bytes.fromhex(salt)), digest):
        return True
    time.sleep(BAD_LOGIN_PAUSE)
    return False


def _digest(password, salt):
    return hashlib.pbkdf2_hmac("sha256", password.encode(), salt, ROUNDS).hex()
