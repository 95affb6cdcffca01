"""Pages of the catalogue: class-based, function-based, streamed, and one that is async."""

import asyncio
import csv

from django.contrib import messages
from django.contrib.admin.views.decorators import staff_member_required
from django.db import transaction
from django.db.models import Q
from django.http import HttpResponse, JsonResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import condition, require_http_methods
from django.views.generic import CreateView, DetailView, ListView

from . import covers, elsewhere, recommendations
from .forms import SuggestionForm
from .models import Author, Book, Copy, Genre, Suggestion


class BookList(ListView):
    """The front page. The template asks each book for its author and its copies."""

    model = Book
    paginate_by = 12

    def get_queryset(self):
        words = self.request.GET.get("q", "").strip()
        books = Book.objects.all()
        if words:
            books = books.filter(Q(title__icontains=words) | Q(author__name__icontains=words))
        return books

    def get_context_data(self, **kwargs):
        return super().get_context_data(q=self.request.GET.get("q", ""), **kwargs)


class Shelf(BookList):
    """The books of one genre."""

    def get_queryset(self):
        self.genre = get_object_or_404(Genre, slug=self.kwargs["slug"])
        return super().get_queryset().filter(genres=self.genre)

    def get_context_data(self, **kwargs):
        return super().get_context_data(genre=self.genre, **kwargs)


class BookDetail(DetailView):
    """One book, its copies and who had them last."""

    model = Book


def cover_tag(request, pk):
    """The ETag of a cover."""
    return '"%s"' % covers.fingerprint(get_object_or_404(Book, pk=pk))[:16]


@condition(etag_func=cover_tag)
def cover(request, pk):
    svg = covers.cover(get_object_or_404(Book, pk=pk))
    return HttpResponse(svg, content_type="image/svg+xml", headers={"Cache-Control": "max-age=60"})


def availability(request, pk):
    """Where else the book is: three helpers down to `urllib`, with sleeps in between."""
    book = get_object_or_404(Book, pk=pk)
    libraries = elsewhere.other_libraries(book)
    return render(request, "catalogue/elsewhere.html", {"book": book, "libraries": libraries})


def authors(request):
    """All authors, with a query for the books of each."""
    rows = [(author, author.book_set.count()) for author in Author.objects.all()]
    return render(request, "catalogue/authors.html", {"rows": rows})


class AuthorDetail(DetailView):
    model = Author


def together(request):
    """Books that are read together."""
    return render(request, "catalogue/together.html", {"pairs": recommendations.pairs()})


@transaction.non_atomic_requests  # Django refuses ATOMIC_REQUESTS for async views
async def today(request):
    """Figures for the screen at the entrance, from Django's async ORM: threads under another name."""
    books, copies, genres = await asyncio.gather(
        Book.objects.acount(), Copy.objects.acount(), Genre.objects.acount()
    )
    newest = [book.title async for book in Book.objects.order_by("-year")[:3]]
    on_loan = await Copy.objects.filter(loan__isnull=False, loan__returned=None).acount()
    return JsonResponse(
        {"books": books, "copies": copies, "genres": genres, "on_loan": on_loan, "newest": newest}
    )


class _Echo:
    """A file that gives back what is written to it, so that `csv` can feed a stream."""

    def write(self, value):
        return value


def catalogue_csv(request):
    """The whole catalogue as CSV, streamed: outside of ATOMIC_REQUESTS, with two queries for each row."""
    writer = csv.writer(_Echo())

    def rows():
        yield writer.writerow(["title", "author", "year", "genres", "copies"])
        for book in Book.objects.order_by("pk").iterator():
            genres = "; ".join(genre.name for genre in book.genres.all())
            yield writer.writerow([book.title, book.author.name, book.year, genres, book.copy_set.count()])

    head = {"Content-Disposition": "attachment; filename=catalogue.csv"}
    return StreamingHttpResponse(rows(), content_type="text/csv; charset=utf-8", headers=head)


class Suggest(CreateView):
    """A form with an upload."""

    model = Suggestion
    form_class = SuggestionForm
    template_name = "catalogue/suggest.html"
    success_url = "/suggest/"

    def form_valid(self, form):
        messages.success(self.request, "Thank you. The committee meets on Thursdays.")
        return super().form_valid(form)

    def get_context_data(self, **kwargs):
        return super().get_context_data(suggestions=Suggestion.objects.all(), **kwargs)


@staff_member_required
@require_http_methods(["PUT"])
def stocktake(request):
    """Barcodes, one a line, as the bare body from a scanner: a query and a write for each."""
    seen, unknown = 0, []
    for line in request:  # an HttpRequest is a file
        barcode = line.decode().strip()
        copy = Copy.objects.filter(barcode=barcode).first()
        if copy is None:
            unknown.append(barcode)
            continue
        copy.last_seen = timezone.now()
        copy.save()
        seen += 1
    return JsonResponse({"seen": seen, "unknown": unknown})


def lucky(request):
    """Any book at all: `ORDER BY RANDOM()` over the whole table."""
    return redirect(Book.objects.order_by("?").first())
