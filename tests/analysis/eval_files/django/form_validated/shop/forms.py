from django import forms

from shop.models import Author


class RemarkForm(forms.ModelForm):
    class Meta:
        model = Author
        fields = ["remark"]


class WithoutNameForm(forms.ModelForm):
    class Meta:
        model = Author
        exclude = ["name"]


class ChosenForm(forms.ModelForm):
    like = forms.ModelChoiceField(Author.objects.all(), widget=forms.HiddenInput)

    class Meta:
        model = Author
        fields = ["remark"]
