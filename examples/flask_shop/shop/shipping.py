"""What the carriers would charge, asked of a slow HTTP service that sometimes says "try again".

One `requests.Session` for the whole process (its cookie jar and pool are shared by all threads),
and a retry loop that sleeps.
"""

import atexit
import logging
import os
import subprocess
import sys
import threading
import time

import requests

from . import settings

CARRIERS = ("sparrow", "donkey", "steamboat")
RETRIES = 4
PAUSE = 0.1  # seconds before the second try, doubled each time
TIMEOUT = 5.0  # seconds

log = logging.getLogger("shop.shipping")
session = requests.Session()
session.trust_env = False  # the service is on this machine: no proxy, no .netrc
session.headers["User-Agent"] = "bridge-shop/3.2"

service = {"url": settings.SHIPPING_URL, "process": None}
_service_lock = threading.Lock()


class NoCarrier(Exception):
    """No carrier gave a price, after all retries."""


def cheapest(grams, postcode):
    """The cheapest rate as `{"carrier", "cents", "days"}`. Raises `NoCarrier`."""
    found = all_rates(grams, postcode)
    if not found:
        raise NoCarrier("no carrier answers for %s" % postcode)
    return min(found, key=lambda rate: rate["cents"])


def all_rates(grams, postcode):
    """One rate per carrier that answered, asked one after the other."""
    rates = [ask(carrier, grams, postcode) for carrier in CARRIERS]
    return [rate for rate in rates if rate is not None]


def ask(carrier, grams, postcode):
    """The rate of one carrier, or None when it did not answer in spite of the retries."""
    for attempt in range(RETRIES):
        try:
            answer = _get_rate(carrier, grams, postcode)
        except requests.RequestException as problem:
            log.warning("%s: %s", carrier, problem)
        else:
            if answer.status_code == 200:
                return answer.json()
            log.info("%s said %d, try %d", carrier, answer.status_code, attempt + 1)
        time.sleep(PAUSE * 2**attempt)
    return None


def _get_rate(carrier, grams, postcode):
    wanted = {"carrier": carrier, "weight": grams, "postcode": postcode}
    return session.get(_service_url() + "/rates", params=wanted, timeout=TIMEOUT)


def _service_url():
    """Where the service listens; starts the bundled one if nobody configured another."""
    with _service_lock:
        if service["url"] is None:
            service["process"] = process = _start_bundled()
            service["url"] = process.stdout.readline().decode().strip()
            atexit.register(_stop_bundled)
        return service["url"]


def _start_bundled():
    program = os.path.join(settings.HERE, "slow_service.py")
    command = [sys.executable, program, "--stop-with-parent", "--delay", settings.SHIPPING_DELAY]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)


def _stop_bundled():
    process = service["process"]
    process.terminate()
    process.wait()
    process.stdin.close()
    process.stdout.close()
