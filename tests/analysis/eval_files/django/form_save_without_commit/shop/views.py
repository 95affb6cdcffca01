from django import forms
from django.http import HttpResponse

from shop.models import Book


class BookForm(forms.ModelForm):
    class Meta:
        model = Book
        fields = ["title"]


def x(request):
    book = BookForm(request.POST).save(commit=False)  # ok: nothing is written yet
    return HttpResponse(book.title)
