import datetime
import random

from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import User
from django.core.management.base import BaseCommand
from django.db import transaction
from django.utils import timezone
from lending.models import Loan

from catalogue import demo_books
from catalogue.models import Author, Book, Copy, Genre

LOANS = 120


class Command(BaseCommand):
    help = "Fill an empty library with books, readers and two years of loans."

    @transaction.atomic
    def handle(self, **options):
        if Book.objects.exists():
            self.say("There are books already. Nothing to do.", options)
            return
        dice = random.Random(1850)  # the Public Libraries Act; the same library on every machine
        copies = make_books(dice)
        make_loans(dice, copies, make_readers())
        self.say("%d books, %d copies, %d loans." % (Book.objects.count(), len(copies), LOANS), options)

    def say(self, text, options):
        if options["verbosity"] > 0:
            self.stdout.write(text)


def make_books(dice):
    """Save all books with one to three copies each; return the copies."""
    genres = {slug: Genre.objects.create(slug=slug, name=name) for slug, name in demo_books.GENRES.items()}
    copies = []
    for row in demo_books.BOOKS.splitlines():
        title, name, born, died, year, slugs, summary = row.split("|")
        author, _ = Author.objects.get_or_create(name=name, born=int(born), died=int(died))
        book = Book.objects.create(title=title, author=author, year=int(year), summary=summary)
        book.genres.set([genres[slug] for slug in slugs.split()])
        for _ in range(dice.randint(1, 3)):
            copies.append(Copy.objects.create(book=book, barcode="RL%06d" % (1000 + len(copies))))
    return copies


def make_readers():
    """Save the librarian and the readers; return the readers."""
    secret = make_password(demo_books.PASSWORD)  # the same hash for all: it is a demonstration
    User.objects.create(
        username="librarian",
        email="librarian@library.example",
        password=secret,
        is_staff=True,
        is_superuser=True,
    )
    return [
        User.objects.create(username=name, email=name + "@library.example", password=secret)
        for name in demo_books.READERS
    ]


def make_loans(dice, copies, readers):
    """Save loans of the last two years; some of the newest are still open, and two are late."""
    today = timezone.localdate()
    for number in range(LOANS):
        taken = today - datetime.timedelta(days=(LOANS - number) * 6)
        due = taken + datetime.timedelta(days=21)
        returned = taken + datetime.timedelta(days=dice.randint(2, 30))
        still_out = returned > today or number in (LOANS - 6, LOANS - 5)
        # bulk_create sends no signals: no history lines and no mails for the past.
        loan = Loan(copy=copies[number % len(copies)], reader=dice.choice(readers), taken=taken, due=due)
        loan.returned = None if still_out else returned
        Loan.objects.bulk_create([loan])
