import time

from django.core.management.base import BaseCommand
from django.utils import timezone

from lending import notices
from lending.models import Loan

PAUSE = 0.5  # seconds between two mails, so that the mail server does not complain


class Command(BaseCommand):
    help = "Write to every reader who is late. For the nightly cron job."

    def handle(self, **options):
        for loan in Loan.objects.filter(returned=None, due__lt=timezone.localdate()):
            notices.notify(loan.reader, "Please bring it back", loan.copy.book.title)
            self.stdout.write("%s: %s" % (loan.reader, loan.copy.book.title))
            time.sleep(PAUSE)
