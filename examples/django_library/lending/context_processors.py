"""The number in the menu."""


def open_loans(request):
    """How many books the reader has at home: a query on every page."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {"open_loans": 0}
    return {"open_loans": user.loan_set.filter(returned=None).count()}
