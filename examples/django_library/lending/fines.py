"""What late readers owe. Slow, because it walks through every day and asks the calendar each time."""

import datetime

from django.utils import timezone

CENTS_PER_DAY = 20
CLOSED_DAYS = {5, 6}  # Saturday and Sunday cost nothing


def owed_cents(loan):
    """The fine for one loan so far, in cents."""
    end, day, cents = loan.returned or timezone.localdate(), loan.due, 0
    while day < end:
        day += datetime.timedelta(days=1)
        if day.weekday() not in CLOSED_DAYS:
            cents += CENTS_PER_DAY
    return cents


def owed_by(reader):
    """All that `reader` owes, in cents: walks every loan they ever had."""
    return sum(owed_cents(loan) for loan in reader.loan_set.all())
