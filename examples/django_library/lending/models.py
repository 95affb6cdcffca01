"""Who has what, and until when."""

import datetime

from catalogue.models import Copy
from django.conf import settings
from django.db import models
from django.utils import timezone
from library_site import current

DAYS = 21
MOST_RENEWALS = 2


def due_date():
    """Three weeks from today."""
    return timezone.localdate() + datetime.timedelta(days=DAYS)


class Loan(models.Model):
    copy = models.ForeignKey(Copy, on_delete=models.CASCADE)
    reader = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE)
    taken = models.DateField(default=timezone.localdate)
    due = models.DateField(default=due_date)
    returned = models.DateField(null=True, blank=True)
    renewals = models.IntegerField(default=0)
    changed_by = models.CharField(max_length=150, blank=True, editable=False)

    class Meta:
        ordering = ["due"]

    def __str__(self):
        return "%s, %s" % (self.copy, self.reader)

    def save(self, *args, **kwargs):
        """Save, with the name of whoever is logged in, from the thread-local of the middleware."""
        reader = current.maybe_reader()
        self.changed_by = reader.username if reader else ""
        super().save(*args, **kwargs)

    @property
    def is_late(self):
        return self.returned is None and self.due < timezone.localdate()

    @property
    def can_renew(self):
        return self.returned is None and self.renewals < MOST_RENEWALS


class HistoryLine(models.Model):
    """What the signal receiver writes down about a loan."""

    loan = models.ForeignKey(Loan, on_delete=models.CASCADE)
    at = models.DateTimeField(auto_now_add=True)
    text = models.CharField(max_length=200)

    class Meta:
        ordering = ["-at"]

    def __str__(self):
        return self.text
