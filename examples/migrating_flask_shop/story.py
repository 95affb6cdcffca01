"""The whole story of one route, from its first shadow request to its last legacy one: `python story.py`."""

import os
import subprocess
import sys
import time
import warnings

import app  # also puts the shop on the path
import modern
from shop import create_app, settings

from bridge import Migration

warnings.filterwarnings("ignore", message=".*httpx2")  # from the line after this one
from starlette.testclient import TestClient  # noqa: E402

ROUTE = "GET /product/<slug>/stock"
SLUGS = ["bailey-kit", "covered-green", "rope-classic"]  # the second is sold out
ENOUGH = 80  # requests: with 73 that are all the same the lower bound is above 95 %


def main():
    legacy = create_app()
    draft = modern.create_app(settings.INSTANCE, first_draft=True)
    fixed = modern.create_app(settings.INSTANCE)

    say("1. The first draft runs in the shadow: every answer is legacy's, modern is asked too.")
    with serving(legacy, draft) as (shop, client):
        ask(client, 30)
        wait_for(shop, 30)
    migrate("status")
    migrate("differences", ROUTE, "--limit", "1")
    migrate("promote", ROUTE, fails=True)

    say("2. The mistake is found: a product that is sold out has 0 pieces. What was counted is forgotten.")
    migrate("forget", ROUTE)
    with serving(legacy, fixed) as (shop, client):
        ask(client, ENOUGH)
        wait_for(shop, ENOUGH)
        migrate("status")

        say("3. Half of the clients get modern, always the same half.")
        migrate("set", ROUTE, "canary", "--percent", "50")
        in_force(shop, "canary:50")
        sides = {answered_by(client, "client-%d" % number) for number in range(20)}
        print("answered by", " and ".join(sorted(sides)))

        say("4. All of them do.")
        migrate("promote", ROUTE)
        in_force(shop, "modern")
        sides = {answered_by(client, "client-%d" % number) for number in range(20)}
        print("answered by", " and ".join(sorted(sides)))
    migrate("history")


class serving:
    """The migration with a client, as a server would run it."""

    def __init__(self, legacy, new):
        self.shop = Migration(legacy, new, config=app.RULES)
        self.client = TestClient(self.shop)

    def __enter__(self):
        return self.shop, self.client.__enter__()

    def __exit__(self, *exc_info):
        self.client.__exit__(*exc_info)


def ask(client, count):
    for number in range(count):
        client.get("/product/%s/stock" % SLUGS[number % len(SLUGS)]).raise_for_status()
        time.sleep(0.01)  # visitors do not come all at once


def answered_by(client, session):
    answer = client.get("/product/bailey-kit/stock", headers={"Cookie": "session=" + session})
    return "legacy" if "server-timing" in answer.headers else "modern"


def wait_for(shop, count):
    """Until so many answers have been compared, or were skipped because too many came at once."""
    until(lambda: total(shop) >= count)


def total(shop):
    counters = shop.store.counters().get(ROUTE, {})
    skipped = sum(number for name, number in counters.items() if name.startswith("skipped."))
    return counters.get("compared", 0) + skipped


def in_force(shop, setting):
    until(lambda: str(shop.table.rules[ROUTE].setting) == setting)


def until(condition):
    deadline = time.monotonic() + 20
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError
        time.sleep(0.02)


def migrate(*words, fails=False):
    """Run `wsgi-bridge migrate`, as anybody would in another terminal."""
    print("$ wsgi-bridge migrate", *(("'%s'" % word if " " in word else word) for word in words), flush=True)
    command = [sys.executable, "-m", "bridge", "migrate", *words, "--config", app.RULES]
    environment = {**os.environ, "COLUMNS": "160"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    print(done.stdout + done.stderr, flush=True)
    if (done.returncode != 0) != fails:
        sys.exit("unexpected exit code %d" % done.returncode)


def say(text):
    print("\n" + text + "\n", flush=True)


if __name__ == "__main__":
    main()
