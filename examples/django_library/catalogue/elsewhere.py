"""Whether another library has the book: asks a union catalogue that is seldom there."""

import json
import logging
import time
import urllib.error
import urllib.parse
import urllib.request

from django.conf import settings

TRIES = 3
PAUSE = 0.1  # seconds after the first failure, doubled each time
TIMEOUT = 3  # seconds

log = logging.getLogger("library.elsewhere")
# Made once, for all threads.
_opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def other_libraries(book):
    """Names of other libraries that have `book`; an empty list when nobody knows."""
    return _ask_patiently(book.title, book.author.name).get("libraries", [])


def _ask_patiently(title, author):
    for attempt in range(TRIES):
        try:
            return _ask(title, author)
        except (urllib.error.URLError, TimeoutError, ValueError) as problem:
            log.info("union catalogue, try %d: %s", attempt + 1, problem)
            time.sleep(PAUSE * 2**attempt)
    return {}


def _ask(title, author):
    query = urllib.parse.urlencode({"title": title, "author": author})
    with _opener.open(settings.UNION_CATALOGUE + "/search?" + query, timeout=TIMEOUT) as answer:
        return json.load(answer)
