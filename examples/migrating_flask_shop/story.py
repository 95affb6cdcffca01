"""The whole story of one route, from the first report to its last legacy request: `python story.py`."""

import json
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
SHOP = os.path.join(os.path.dirname(HERE), "flask_shop")
sys.path[:0] = [HERE, SHOP, os.path.dirname(HERE)]

import modern  # noqa: E402 - this and the rest are found by the line above
from narrator import Story, visited  # noqa: E402
from shop import create_app, settings  # noqa: E402

from bridge import Migration, WsgiToAsgi  # noqa: E402

ROUTE = "GET /product/<slug>/stock"
RULES = os.path.join(HERE, "migration.toml")
SLUGS = ("bailey-kit", "covered-green", "rope-classic")  # the second is sold out
ENOUGH = (
    73  # answers that are all the same: then the lower bound is above the 95 % that migration.toml asks for
)


def main():
    with Story("How the shop's stock page moved from Flask to Starlette", HERE) as story:
        look(story)
        draft = modern.create_app(settings.INSTANCE, first_draft=True)
        with visited(migration(draft)) as visitor:
            a_difference_comes_to_light(story, visitor)
        repaired = modern.create_app(settings.INSTANCE)
        recorded_traffic_is_replayed(story)
        moving = migration(repaired)
        with visited(moving) as visitor:
            it_is_judged_anew(story, visitor)
            it_moves(story, moving, visitor)
        story.run("migrate", "history")
        story.end("The route has moved, and every step was proven.")


def migration(successor):
    """Both applications; the shop's routes in the lanes that the analyser has written."""
    return Migration(WsgiToAsgi(create_app(), lanes="lanes.toml"), successor, config=RULES)


# ---------------------------------------------------------------- before anything moves


def look(story):
    story.chapter("Report", "What blocks in the shop, read from its source.")
    story.run("report", SHOP, "--output-format", "json", "--output-file", "report.json")
    with open("report.json") as file:
        found = {route["id"]: route for route in json.load(file)["routes"]}
    waits = ", ".join(reason for reason in found[ROUTE]["reasons"] if "sleep" in reason)
    story.prove("%s %s" % (ROUTE, waits), "time.sleep" in waits)

    story.chapter(
        "Plan", "What to change first if the shop itself became async: eight functions, on every route."
    )
    said = story.run("plan", SHOP)
    story.prove("the plan begins with what most routes go through", "shop.context.begin" in said)

    story.chapter("Lanes", "Until a route moves it stays in Flask, in the executor that suits it.")
    story.run("lanes", SHOP, "--output-file", "lanes.toml")
    with open("lanes.toml") as file:
        lanes = file.read()
    story.prove("the stock page holds a thread", '"%s" = "thread"' % ROUTE in lanes)


# ---------------------------------------------------------------- in the shadow


def a_difference_comes_to_light(story, visitor):
    story.chapter("Shadow", "Visitors get Flask's answers. The first draft is asked too, and compared.")
    ask_until_compared(story, visitor, 12)
    story.prove("12 answers have been compared", compared(story.status(ROUTE)) >= 12)
    story.run("migrate", "status")

    story.chapter("A real difference", "A product that is sold out has 0 pieces. The first draft says null.")
    said = story.run("migrate", "differences", ROUTE, "--limit", "1")
    story.prove("it is named: $.stock", "$.stock" in said)
    story.run("migrate", "promote", ROUTE, exit_code=1)
    story.prove("the route is not promoted", story.status(ROUTE)["setting"] == "shadow")


def recorded_traffic_is_replayed(story):
    story.chapter(
        "Repaired", "Recorded traffic is answered alike now, which a build can ask of every change."
    )
    successor = "modern:create_app(%r)" % settings.INSTANCE
    traffic = os.path.join(HERE, "traffic.jsonl")
    said = story.run("replay", traffic, SHOP, successor)
    story.prove("16 requests, no difference", "16 requests replayed, 0 answered differently" in said)


def it_is_judged_anew(story, visitor):
    story.run("migrate", "forget", ROUTE, "--reason", "0 instead of null")
    ask_until_compared(story, visitor, ENOUGH)
    story.run("migrate", "status")
    verdict = story.status(ROUTE)["verdict"]
    story.prove("%(compared)d answers compared, %(different)d different: ready" % verdict, verdict["ready"])


# ---------------------------------------------------------------- the move


def it_moves(story, moving, visitor):
    story.chapter(
        "Canary", "Half of the visitors get Starlette, always the same half: known by their session."
    )
    story.run("migrate", "set", ROUTE, "canary", "--percent", "50")
    story.wait_until("it is in force", lambda: setting(moving) == "canary:50")
    first = [answered_by(visitor, "visitor-%d" % number) for number in range(20)]
    story.prove("answered by legacy %d times, by modern %d times" % count(first), len(set(first)) == 2)
    again = [answered_by(visitor, "visitor-%d" % number) for number in range(20)]
    story.prove("the same visitors by the same side, when they come again", first == again)

    story.chapter("Promote", "Everybody gets Starlette.")
    story.run("migrate", "promote", ROUTE, "--reason", "proven")
    story.wait_until("it is in force", lambda: setting(moving) == "modern")
    last = [answered_by(visitor, "visitor-%d" % number) for number in range(20)]
    story.prove("answered by legacy %d times, by modern %d times" % count(last), set(last) == {"modern"})


def ask_until_compared(story, visitor, enough):
    """Ask again and again: a machine that is busy leaves some requests uncompared."""
    while compared(story.status(ROUTE)) < enough:
        ask(visitor, 12)


def ask(visitor, requests):
    for number in range(requests):
        visitor.get("/product/%s/stock" % SLUGS[number % len(SLUGS)]).raise_for_status()


def answered_by(visitor, session):
    answer = visitor.get("/product/bailey-kit/stock", headers={"Cookie": "session=" + session})
    return "legacy" if "server-timing" in answer.headers else "modern"  # the shop's own middleware


def count(sides):
    return sides.count("legacy"), sides.count("modern")


def compared(status):
    return status["verdict"]["compared"]


def setting(moving):
    return str(moving.table.rules[ROUTE].setting)


if __name__ == "__main__":
    main()
