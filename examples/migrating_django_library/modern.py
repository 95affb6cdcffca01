"""What takes the library's routes over: Starlette, on the library's own database. It has no login of its own."""

import asyncio
import csv
import io
import os
import sqlite3

from starlette.applications import Starlette
from starlette.datastructures import MutableHeaders
from starlette.middleware import Middleware
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from bridge import run_legacy
from bridge.incremental.sessions import django_session

ROUTES = ("GET /today.json", "GET /catalogue.csv", "GET /my/reading-list.txt")
# As Django's SecurityMiddleware and XFrameOptionsMiddleware have them: the shadow missed them at once.
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}
FIGURES = """
SELECT (SELECT COUNT(*) FROM catalogue_book), (SELECT COUNT(*) FROM catalogue_copy),
       (SELECT COUNT(*) FROM catalogue_genre), (SELECT COUNT(*) FROM lending_loan WHERE returned IS NULL)
"""
NEWEST = "SELECT title FROM catalogue_book ORDER BY year DESC LIMIT 3"
# One query, where the library makes three for each book.
CATALOGUE = """
SELECT title, name, year,
       (SELECT GROUP_CONCAT(name, '; ') FROM
           (SELECT genre.name FROM catalogue_genre AS genre JOIN catalogue_book_genres AS link ON link.genre_id = genre.id
            WHERE link.book_id = book.id ORDER BY genre.name)),
       (SELECT COUNT(*) FROM catalogue_copy WHERE book_id = book.id)
FROM catalogue_book AS book JOIN catalogue_author AS author ON author.id = book.author_id ORDER BY book.id
"""
READING_LIST = """
SELECT loan.taken, book.title, author.name FROM lending_loan AS loan
JOIN catalogue_copy AS copy ON copy.id = loan.copy_id JOIN catalogue_book AS book ON book.id = copy.book_id
JOIN catalogue_author AS author ON author.id = book.author_id WHERE loan.reader_id = ? ORDER BY loan.taken, loan.id
"""


def create_app(instance, first_draft=False):
    """The ASGI application. The first draft believed the session, which shadow requests brought to light."""
    database = os.path.join(instance, "library.sqlite3")
    reader = reader_by_the_session if first_draft else reader_by_django

    async def rows(query, *values):
        return await asyncio.to_thread(fetch, database, query, values)

    async def today(request):
        """Figures for the screen at the entrance."""
        (figures,), newest = await asyncio.gather(rows(FIGURES), rows(NEWEST))
        books, copies, genres, on_loan = figures
        numbers = {"books": books, "copies": copies, "genres": genres, "on_loan": on_loan}
        return JSONResponse({**numbers, "newest": [title for (title,) in newest]})

    async def catalogue(request):
        """The whole catalogue as CSV."""
        text = io.StringIO()
        writer = csv.writer(text)
        writer.writerow(["title", "author", "year", "genres", "copies"])
        writer.writerows(await rows(CATALOGUE))
        head = {"Content-Disposition": "attachment; filename=catalogue.csv"}
        return Response(text.getvalue(), media_type="text/csv", headers=head)

    async def reading_list(request):
        """Everything the reader ever borrowed, as a download."""
        number = await reader(request)
        if number is None:
            head = {"Content-Type": "text/html; charset=utf-8", "Vary": "Cookie"}
            return RedirectResponse("/accounts/login/?next=" + request.url.path, 302, head)
        text = "".join("%s  %s (%s)\n" % row for row in await rows(READING_LIST, number))
        name = 'attachment; filename="reading-list.txt"'
        head = {"Content-Type": "text/plain", "Content-Disposition": name, "Vary": "Cookie"}
        return Response(text, headers=head)

    return Starlette(
        routes=[
            Route("/today.json", today),
            Route("/catalogue.csv", catalogue),
            Route("/my/reading-list.txt", reading_list),
        ],
        middleware=[Middleware(WithHeaders)],
    )


class WithHeaders:
    """Adds the headers that every answer of the library has."""

    def __init__(self, app):
        self.app = app

    async def __call__(self, scope, receive, send):
        async def with_headers(event):
            if event["type"] == "http.response.start":
                MutableHeaders(scope=event).update(HEADERS)
            await send(event)

        await self.app(scope, receive, with_headers)


def fetch(database, query, values):
    connection = sqlite3.connect(database, timeout=20)
    try:
        return connection.execute(query, values).fetchall()
    finally:
        connection.close()


async def reader_by_the_session(request):
    """Whoever the session names. Wrong: a session outlives the account that it was made for."""
    session = await asyncio.to_thread(django_session, request.scope)
    return session.get("_auth_user_id")


async def reader_by_django(request):
    """Whoever Django says it is, in Django's own request: it knows best."""
    return await run_legacy(lambda legacy: legacy.user.pk)  # None for a stranger
