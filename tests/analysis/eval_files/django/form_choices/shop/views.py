from django.views.generic import FormView, UpdateView
from shop.forms import BookForm, ReviewForm
from shop.models import Book


class Declared(FormView):
    form_class = ReviewForm
    template_name = "a.html"


class Meta(UpdateView):  # expect: WB212 django.db.models.QuerySet.get via GET /meta/<int:pk>/, POST /meta/<int:pk>/; WB212 django.forms.ModelForm.is_valid via POST /meta/<int:pk>/; WB212 django.forms.ModelForm.save via POST /meta/<int:pk>/; WB212 django.db.models.Model.save via POST /meta/<int:pk>/
    model = Book
    form_class = BookForm
