from django.http import HttpResponse

from shop.models import Book


def again(request):
    books = Book.objects.all()
    titles = [book.title for book in books]  # expect: WB212 django.db.models.QuerySet.__iter__ via ANY /again/
    for book, title in zip(books, titles):  # expect: low WB212 django.db.models.QuerySet.__iter__ via ANY /again/
        titles.append(book.title + title)
    return HttpResponse(", ".join(titles))


def narrowed(request):
    books = Book.objects.all()
    titles = [book.title for book in books]  # expect: WB212 django.db.models.QuerySet.__iter__ via ANY /narrowed/
    books = books.filter(title="x")
    for book, title in zip(books, titles):  # expect: WB212 django.db.models.QuerySet.__iter__ via ANY /narrowed/
        titles.append(book.title + title)
    return HttpResponse(", ".join(titles))


def two(request):
    books, others = Book.objects.all(), Book.objects.filter(title="x")
    for book, other in zip(books, others):  # expect: WB212 django.db.models.QuerySet.__iter__ via ANY /two/
        book.title = other.title
    return HttpResponse(str(len(others)))  # expect: WB212 django.db.models.QuerySet.__len__ via ANY /two/
