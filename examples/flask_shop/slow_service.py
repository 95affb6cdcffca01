"""A slow shipping-rate service, the kind that every shop has to call and nobody may change.

Run by the shop itself on the first quote, or by hand:

    python slow_service.py --port 8099 --delay 0.3

`GET /rates?carrier=donkey&weight=1200&postcode=SW1A` answers, after `--delay` seconds times the
carrier's own slowness, `{"carrier": "donkey", "cents": 790, "days": 4}`. One carrier answers every
third call with 503, so that its callers learn to retry.
"""

import argparse
import itertools
import json
import os
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

# name: (base price in cents, cents per kilogram, days, slowness)
CARRIERS = {
    "sparrow": (490, 210, 2, 1.0),
    "donkey": (290, 120, 6, 1.5),
    "steamboat": (350, 60, 14, 2.0),
}
FLAKY_CARRIER = "donkey"


class RateHandler(BaseHTTPRequestHandler):
    """Answers `/rates` and `/health`, and nothing else."""

    protocol_version = "HTTP/1.1"
    delay = 0.15  # seconds, times the carrier's slowness
    calls = itertools.count(1)

    def do_GET(self):
        url = urlsplit(self.path)
        if url.path == "/health":
            return self.answer(200, {"status": "ok"})
        if url.path != "/rates":
            return self.answer(404, {"error": "only /rates and /health live here"})
        return self.answer_rate(parse_qs(url.query))

    def answer_rate(self, query):
        name = query.get("carrier", [""])[0]
        if name not in CARRIERS:
            return self.answer(404, {"error": "no carrier called %r" % name})
        base, per_kilogram, days, slowness = CARRIERS[name]
        time.sleep(self.delay * slowness)
        if name == FLAKY_CARRIER and next(self.calls) % 3 == 0:
            return self.answer(503, {"error": "the donkey is resting, try again"})
        grams = int(query.get("weight", ["0"])[0])
        cents = base + per_kilogram * grams // 1000
        return self.answer(200, {"carrier": name, "cents": cents, "days": days})

    def answer(self, status, payload):
        body = json.dumps(payload).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments):
        """Silent: the shop keeps the log."""


def stop_with_parent():
    """End this process when whoever started it has gone: its end of our standard input closes."""
    sys.stdin.buffer.read()
    os._exit(0)


def main():
    parser = argparse.ArgumentParser(description="A slow shipping-rate service.")
    parser.add_argument("--port", type=int, default=0, help="0 lets the system choose one")
    parser.add_argument("--delay", type=float, default=0.15, help="seconds per answer")
    parser.add_argument("--stop-with-parent", action="store_true")
    options = parser.parse_args()
    RateHandler.delay = options.delay
    server = ThreadingHTTPServer(("127.0.0.1", options.port), RateHandler)
    print("http://127.0.0.1:%d" % server.server_address[1], flush=True)
    if options.stop_with_parent:
        threading.Thread(target=stop_with_parent, daemon=True).start()
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        server.server_close()


if __name__ == "__main__":
    main()
