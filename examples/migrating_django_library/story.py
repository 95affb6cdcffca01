"""How a page that needs a login moved from Django to Starlette: `python story.py`."""

import json
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
LIBRARY = os.path.join(os.path.dirname(HERE), "django_library")
sys.path[:0] = [HERE, LIBRARY, os.path.dirname(HERE)]

import modern  # noqa: E402 - this and the rest are found by the line above
from narrator import Story, visited  # noqa: E402

from bridge import Migration, WsgiToAsgi  # noqa: E402

ROUTE = "GET /my/reading-list.txt"
PATH = "/my/reading-list.txt"
RULES = os.path.join(HERE, "migration.toml")
ENOUGH = (
    73  # answers that are all the same: then the lower bound is above the 95 % that migration.toml asks for
)


def main():
    with Story("How the reading list moved from Django to Starlette, login and all", HERE) as story:
        look(story)
        readers, former = sessions()
        with visited(migration(first_draft=True)) as visitor:
            a_difference_comes_to_light(story, visitor, [former, None, *readers])
        recorded_traffic_is_replayed(story)
        moving = migration()
        with visited(moving) as visitor:
            it_is_judged_anew(story, visitor, [former, None, *readers])
            it_moves(story, moving, visitor, readers)
        story.run("migrate", "history")
        story.end("The route has moved, and every step was proven.")


def migration(**options):
    """Both applications; the library's routes in the lanes that the analyser has written."""
    from django.conf import settings
    from library_site.wsgi import application

    legacy = WsgiToAsgi(application, lanes="lanes.toml")
    return Migration(legacy, modern.create_app(settings.INSTANCE, **options), config=RULES)


def sessions():
    """Sessions of all readers as their logins make them, and one of a reader whose account was closed since."""
    os.environ.setdefault("DJANGO_LIBRARY_INSTANCE", os.path.abspath("instance"))
    import library_site.wsgi  # noqa: F401 - sets Django up, and fills the database at the first start
    from django.contrib.auth import get_user_model

    readers = get_user_model().objects.filter(is_staff=False)
    former, _ = readers.get_or_create(username="former-reader", is_active=False)
    others = readers.exclude(pk=former.pk)
    return [session_of(reader) for reader in others], session_of(former)


def session_of(reader):
    from django.contrib import auth
    from django.contrib.sessions.backends.db import SessionStore

    session = SessionStore()
    session[auth.SESSION_KEY] = str(reader.pk)
    session[auth.BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
    session[auth.HASH_SESSION_KEY] = reader.get_session_auth_hash()
    session.save()
    return session.session_key


# ---------------------------------------------------------------- before anything moves


def look(story):
    story.chapter("Report", "What blocks in the library, read from its source.")
    story.run("report", LIBRARY, "--output-format", "json", "--output-file", "report.json")
    with open("report.json") as file:
        report = json.load(file)
    found = {route["path"]: route for route in report["routes"]}
    sinks = {each["sink"] for each in report["findings"] if each["id"] in found[PATH]["findings"]}
    story.prove(
        "%s: %d kinds of blocking calls, one of them open()" % (ROUTE, len(sinks)), "builtins.open" in sinks
    )

    story.chapter("Plan", "What to change first if the library itself became async: its three middlewares.")
    said = story.run("plan", LIBRARY)
    story.prove("the plan begins there", "library_site.middleware." in said)

    story.chapter("Lanes", "Until a route moves it stays in Django, in the executor that suits it.")
    story.run("lanes", LIBRARY, "--output-file", "lanes.toml")
    with open("lanes.toml") as file:
        lanes = file.read()
    story.prove("the reading list holds a thread", '%s" = "thread"' % PATH in lanes)
    story.prove("the catalogue has a lane for streams", '/catalogue.csv" = "stream"' in lanes)


# ---------------------------------------------------------------- in the shadow


def a_difference_comes_to_light(story, visitor, visitors):
    story.chapter("Shadow", "Readers get Django's answers. The first draft is asked too, and compared.")
    ask_until_compared(story, visitor, visitors, 12)
    story.prove("12 answers have been compared", compared(story.status(ROUTE)) >= 12)
    story.run("migrate", "status")

    story.chapter(
        "A real difference", "An account was closed, its session lives on: the draft still lets it in."
    )
    said = story.run("migrate", "differences", ROUTE, "--limit", "1")
    story.prove(
        "Django asks for a login (302), the draft hands the list out (200)",
        "- 302" in said and "+ 200" in said,
    )
    story.run("migrate", "promote", ROUTE, exit_code=1)
    story.prove("the route is not promoted", story.status(ROUTE)["setting"] == "shadow")


def recorded_traffic_is_replayed(story):
    story.chapter("Repaired", "Who is there is Django's to say: run_legacy asks it, in its own request.")
    said = story.run("replay", os.path.join(HERE, "traffic.jsonl"), LIBRARY, "app:moved()")
    story.prove("recorded traffic is answered alike", "6 requests replayed, 0 answered differently" in said)


def it_is_judged_anew(story, visitor, visitors):
    story.run("migrate", "forget", ROUTE, "--reason", "Django says who is there")
    ask_until_compared(story, visitor, visitors, ENOUGH)
    story.run("migrate", "status")
    verdict = story.status(ROUTE)["verdict"]
    story.prove("%(compared)d answers compared, %(different)d different: ready" % verdict, verdict["ready"])


# ---------------------------------------------------------------- the move


def it_moves(story, moving, visitor, readers):
    story.chapter(
        "Canary", "Half of the readers get Starlette, always the same half: known by their session."
    )
    story.run("migrate", "set", ROUTE, "canary", "--percent", "50")
    story.wait_until("it is in force", lambda: setting(moving) == "canary:50")
    strangers = ["stranger-%d" % number for number in range(10)]
    first = [answered_by(visitor, session) for session in [*readers, *strangers]]
    story.prove("answered by legacy %d times, by modern %d times" % count(first), len(set(first)) == 2)
    again = [answered_by(visitor, session) for session in [*readers, *strangers]]
    story.prove("the same readers by the same side, when they come again", first == again)

    story.chapter("Promote", "Everybody gets Starlette.")
    story.run("migrate", "promote", ROUTE, "--reason", "proven")
    story.wait_until("it is in force", lambda: setting(moving) == "modern")
    last = [answered_by(visitor, session) for session in readers]
    story.prove("answered by legacy %d times, by modern %d times" % count(last), set(last) == {"modern"})
    story.prove("a reader gets the list", get(visitor, readers[0]).status_code == 200)
    story.prove(
        "a stranger is asked to log in", get(visitor, None).headers["location"].startswith("/accounts/login/")
    )


def ask_until_compared(story, visitor, visitors, enough):
    """Ask again and again: a machine that is busy leaves some requests uncompared."""
    while compared(story.status(ROUTE)) < enough:
        ask(visitor, visitors, 12)


def ask(visitor, visitors, requests):
    for number in range(requests):
        get(visitor, visitors[number % len(visitors)])


def get(visitor, session):
    headers = {} if session is None else {"Cookie": "sessionid=" + session}
    return visitor.get(PATH, headers=headers, follow_redirects=False)


def answered_by(visitor, session):
    return (
        "legacy" if "server-timing" in get(visitor, session).headers else "modern"
    )  # the library's middleware


def count(sides):
    return sides.count("legacy"), sides.count("modern")


def compared(status):
    return status["verdict"]["compared"]


def setting(moving):
    return str(moving.table.rules[ROUTE].setting)


if __name__ == "__main__":
    main()
