from django import forms
from shop.models import Author, Book


class HiddenForm(forms.Form):
    author = forms.ModelChoiceField(Author.objects.all(), widget=forms.HiddenInput)  # ok


class LeftOutForm(forms.ModelForm):
    class Meta:  # ok
        model = Book
        exclude = ["author"]


class AnyForm(forms.Form):
    author = forms.ModelChoiceField(Author.objects.all())  # ok
