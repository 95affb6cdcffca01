"""What happens behind a `loan.save()`: a history line, a mail, and a forgotten cache."""

from catalogue import recommendations
from django.db.models.signals import post_save
from django.dispatch import receiver

from . import notices
from .models import HistoryLine, Loan


@receiver(post_save, sender=Loan)
def loan_changed(sender, instance, created, raw=False, **kwargs):
    """Write the change down and tell the reader. Runs inside whoever saved the loan."""
    if raw:
        return
    what = "borrowed" if created else "returned" if instance.returned else "renewed"
    HistoryLine.objects.create(loan=instance, text="%s by %s" % (what, instance.changed_by or "the desk"))
    recommendations.forget()
    if instance.changed_by:
        text = "%s: %s, due on %s." % (instance.copy.book.title, what, instance.due)
        notices.notify(instance.reader, "Your loan", text)
