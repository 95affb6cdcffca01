"""Borrowing, renewing, returning."""

import time

from catalogue.models import Book
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import OperationalError, transaction
from django.http import FileResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from . import fines
from .models import Loan, due_date

MOST_LOANS = 5
TRIES = 4
PAUSE = 0.2  # seconds


@require_POST
@login_required
def borrow(request, pk):
    book = get_object_or_404(Book, pk=pk)
    if request.user.loan_set.filter(returned=None).count() >= MOST_LOANS:
        messages.warning(request, "You have %d books at home. Bring one back first." % MOST_LOANS)
        return redirect(book)
    loan = _take_copy(book, request.user)
    if loan is None:
        messages.warning(request, "All copies are out.")
    else:
        messages.success(request, "Enjoy! Please bring it back by %s." % loan.due.strftime("%d %B"))
    return redirect(book)


def _take_copy(book, reader):
    """A new loan of a free copy, or None. Tries again, asleep, when another writer is at it."""
    for attempt in range(TRIES):
        try:
            with transaction.atomic():
                free = book.free_copies()
                return Loan.objects.create(copy=free[0], reader=reader) if free else None
        except OperationalError:
            time.sleep(PAUSE * (attempt + 1))
    return None


@login_required
def my_loans(request):
    """Loans with their books (N+1) and the fine, computed afresh each time."""
    loans = request.user.loan_set.order_by("-taken", "-pk")
    owed = fines.owed_by(request.user)
    return render(request, "lending/my_loans.html", {"loans": loans, "owed": owed / 100})


@require_POST
@login_required
def renew(request, pk):
    loan = get_object_or_404(Loan, pk=pk, reader=request.user)
    if loan.can_renew:
        loan.renewals += 1
        loan.due = due_date()
        loan.save()
        messages.success(request, "Renewed until %s." % loan.due.strftime("%d %B"))
    return redirect("my-loans")


@require_POST
@login_required
def give_back(request, pk):
    loan = get_object_or_404(Loan, pk=pk, reader=request.user)
    if loan.returned is None:
        loan.returned = timezone.localdate()
        loan.save()
        messages.success(request, "Thank you.")
    return redirect("my-loans")


@login_required
def reading_list(request):
    """Everything the reader ever borrowed, written to a file and sent as a download."""
    path = settings.INSTANCE / ("reading-list-%d.txt" % request.user.pk)
    with open(path, "w", encoding="utf-8") as target:
        for loan in request.user.loan_set.order_by("taken"):
            book = loan.copy.book
            target.write("%s  %s (%s)\n" % (loan.taken, book.title, book.author))
    return FileResponse(open(path, "rb"), as_attachment=True, filename="reading-list.txt")
