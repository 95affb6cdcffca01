from django import forms
from shop.models import Author, Book


class ReviewForm(forms.Form):
    author = forms.ModelChoiceField(Author.objects.all())  # expect: WB212 django.db.models.QuerySet.__iter__ via GET /declared/, POST /declared/


class BookForm(forms.ModelForm):
    class Meta:  # expect: WB212 django.db.models.QuerySet.__iter__ via GET /meta/<int:pk>/, POST /meta/<int:pk>/
        model = Book
        fields = ["title", "author"]
