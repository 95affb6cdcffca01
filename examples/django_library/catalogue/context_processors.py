"""What the menu of every page shows."""

from .models import Genre


def shelves(request):
    """All genres with the number of their books: a query per genre, on every page."""
    return {"shelves": [(genre, genre.book_set.count()) for genre in Genre.objects.all()]}
