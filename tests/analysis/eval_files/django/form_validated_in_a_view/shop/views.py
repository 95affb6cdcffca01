from django.core.paginator import Paginator
from django.http import HttpResponse
from shop import forms
from shop.models import Author


def remark(request):
    form = forms.RemarkForm(request.POST)
    return HttpResponse(form.is_valid())  # ok


def name(request):
    form = forms.NameForm(request.POST)
    return HttpResponse(form.is_valid())  # expect: WB212 django.forms.ModelForm.is_valid via ANY /name/


def code(request):
    form = forms.CodeForm(request.POST)
    return HttpResponse(form.is_valid())  # expect: WB212 django.forms.ModelForm.is_valid via ANY /code/


def teacher(request):
    form = forms.TeacherForm(request.POST)
    return HttpResponse(form.is_valid())  # expect: WB212 django.forms.ModelForm.is_valid via ANY /teacher/


def added(request):
    form = forms.AddedForm(request.POST)
    return HttpResponse(form.is_valid())  # expect: WB212 django.forms.ModelForm.is_valid via ANY /added/


def either(request):
    form_class = forms.RemarkForm if "remark" in request.GET else forms.CodeForm
    form = form_class(request.POST)
    return HttpResponse(form.is_valid())  # expect: WB212 django.forms.ModelForm.is_valid via ANY /either/


def a_list(request):
    words = []
    for each in request.GET.getlist("word"):
        words.append(each.upper())
    pages = Paginator(words, 10)
    return HttpResponse(pages.get_page(1).number)  # ok


def a_query_set(request):
    pages = Paginator(Author.objects.order_by("code"), 10)
    return HttpResponse(pages.get_page(1).number)  # expect: WB212 django.core.paginator.Paginator.get_page via ANY /authors/
