from django.http import HttpResponse
from django.views.generic import FormView
from shop.forms import AnyForm, HiddenForm, LeftOutForm


class Hidden(FormView):
    form_class = HiddenForm
    template_name = "a.html"


class LeftOut(FormView):
    form_class = LeftOutForm
    template_name = "a.html"


class Own(FormView):
    form_class = AnyForm

    def get(self, request):
        return HttpResponse("")

    def post(self, request):
        return HttpResponse("")
