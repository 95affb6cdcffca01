from django.contrib import admin

from . import fines, notices
from .models import HistoryLine, Loan


@admin.register(Loan)
class LoanAdmin(admin.ModelAdmin):
    list_display = ["copy", "reader", "taken", "due", "returned", "owed"]
    list_filter = ["returned"]
    actions = ["remind"]

    def owed(self, loan):
        return "€%.2f" % (fines.owed_cents(loan) / 100)

    @admin.action(description="Send a reminder")
    def remind(self, request, loans):
        """One mail after the other, while the librarian waits."""
        for loan in loans:
            notices.notify(loan.reader, "Please bring it back", loan.copy.book.title)


admin.site.register(HistoryLine)
