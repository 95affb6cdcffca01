from django.http import HttpResponse
from django.shortcuts import render

from shop.models import Author, Book


def gaps(books, year):
    if not books:  # expect: WB212 django.db.models.QuerySet.__bool__ via ANY /each_round/
        return [year]
    return []


def each_round(request):
    books, found = Book.objects.all(), []
    for year in range(3):
        found.extend(gaps(books, year))  # the first round fetches, the others have the rows
    return HttpResponse(str(found))


def new_gaps(books, year):
    return [] if books else [year]  # expect: WB215 django.db.models.QuerySet.__bool__ via ANY /new_each_round/


def new_each_round(request):
    found = []
    for year in range(3):
        books = Book.objects.filter(title=str(year))
        found.extend(new_gaps(books, year))
    return HttpResponse(str(found))


def narrowed_each_round(request):
    books = Book.objects.all()
    for year in range(3):
        if books:  # expect: WB215 django.db.models.QuerySet.__bool__ via ANY /narrowed_each_round/
            books = books.exclude(title=str(year))
    return HttpResponse()


def kept(request):
    books, found = Book.objects.all(), []
    for year in range(3):
        found += [book.title + str(year) for book in books]  # expect: WB212 django.db.models.QuerySet.__iter__ via ANY /kept/
    return HttpResponse(str(found))


def rebound(request):
    found = []
    for year in range(3):
        books = Book.objects.filter(title=str(year))
        if year > 3:
            return HttpResponse("early")
        found += [book.title for book in books]  # expect: WB215 django.db.models.QuerySet.__iter__ via ANY /rebound/
    return HttpResponse(str(found))


def titles(books):
    return [book.title for book in books]  # expect: low WB212 django.db.models.QuerySet.__iter__ via ANY /helped/


def helped(request):
    books = Book.objects.all()
    if books:  # expect: WB212 django.db.models.QuerySet.__bool__ via ANY /helped/
        return HttpResponse(str(titles(books)))
    return HttpResponse()


def counted(request):
    books, others = Book.objects.all(), Book.objects.filter(title="x")
    found = [book.title for book in books]  # expect: WB212 django.db.models.QuerySet.__iter__ via ANY /counted/
    found.append(str(books.count()))  # expect: low WB212 django.db.models.QuerySet.count via ANY /counted/
    found.append(str(others.count()))  # expect: WB212 django.db.models.QuerySet.count via ANY /counted/
    return HttpResponse(str(found))


def seen(request):
    books = None
    if request.GET:
        books = Book.objects.all()
        for book in books:  # expect: WB212 django.db.models.QuerySet.__iter__ via ANY /seen/
            book.title = ""
    return render(request, "seen.html", {"books": books, "authors": Author.objects.all()})


def included(request):
    books = Book.objects.all()
    context = {"other": 1}
    context["rows"] = books
    if len(books) > 3:  # expect: WB212 django.db.models.QuerySet.__len__ via ANY /included/
        context["other"] = 2
    return render(request, "including.html", context)


def unseen(request):
    books = Book.objects.all()
    for book in books:  # expect: WB212 django.db.models.QuerySet.__iter__ via ANY /unseen/
        book.title = ""
    return render(request, "unseen.html", {"books": books.filter(title="x")})


def renamed(books):
    for book in books:  # expect: WB212 django.db.models.QuerySet.__iter__ via ANY /seen_by_a_helper/
        book.title = ""


def seen_by_a_helper(request):
    books, others = Book.objects.all(), Book.objects.filter(title="x")
    renamed(books)
    return render(request, "seen_by_a_helper.html", {"books": books, "others": others})
