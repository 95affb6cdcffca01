from django import forms

from .models import Suggestion


class SuggestionForm(forms.ModelForm):
    class Meta:
        model = Suggestion
        fields = ["title", "reason", "picture"]
        widgets = {"reason": forms.Textarea(attrs={"rows": 3})}
