from django.views.generic import CreateView

from shop.forms import ChosenForm, RemarkForm, WithoutNameForm
from shop.models import Author, Guest, Reader, Seat

class Remark(CreateView):  # expect: WB212 django.db.models.Model.save via POST /remark/; WB212 django.forms.ModelForm.save via POST /remark/
    form_class = RemarkForm
    template_name = "a.html"


class WithoutName(CreateView):  # expect: WB212 django.db.models.Model.save via POST /without/; WB212 django.forms.ModelForm.save via POST /without/
    form_class = WithoutNameForm
    template_name = "a.html"


class Name(CreateView):  # expect: WB212 django.db.models.Model.save via POST /name/; WB212 django.forms.ModelForm.save via POST /name/; WB212 django.forms.ModelForm.is_valid via POST /name/
    model = Author
    fields = ["name"]
    template_name = "a.html"


class Chosen(CreateView):  # expect: WB212 django.db.models.Model.save via POST /chosen/; WB212 django.forms.ModelForm.save via POST /chosen/; WB212 django.forms.ModelForm.is_valid via POST /chosen/
    form_class = ChosenForm
    template_name = "a.html"


class Seats(CreateView):  # expect: WB212 django.db.models.Model.save via POST /seat/; WB212 django.forms.ModelForm.save via POST /seat/; WB212 django.forms.ModelForm.is_valid via POST /seat/
    model = Seat
    fields = "__all__"
    template_name = "a.html"


class Readers(CreateView):  # expect: WB212 django.db.models.Model.save via POST /reader/; WB212 django.forms.ModelForm.save via POST /reader/
    model = Reader
    fields = ["remark"]
    template_name = "a.html"


class NamedReaders(CreateView):  # expect: WB212 django.db.models.Model.save via POST /named/; WB212 django.forms.ModelForm.save via POST /named/; WB212 django.forms.ModelForm.is_valid via POST /named/
    model = Reader
    fields = ["remark", "username"]
    template_name = "a.html"


class Guests(CreateView):  # expect: WB212 django.db.models.Model.save via POST /guest/; WB212 django.forms.ModelForm.save via POST /guest/; WB212 django.forms.ModelForm.is_valid via POST /guest/
    model = Guest
    fields = ["remark"]
    template_name = "a.html"
