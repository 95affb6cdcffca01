from django import forms

from shop.models import Author


class Styled(forms.ModelForm):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for each in self.visible_fields():
            each.field.widget.attrs["class"] = "input"


class RemarkForm(Styled):
    class Meta:
        model = Author
        fields = ["remark"]


class NameForm(Styled):
    class Meta:
        model = Author
        fields = ["remark", "name"]


class CodeForm(Styled):
    class Meta:
        model = Author
        fields = ["code"]


class TeacherForm(Styled):
    class Meta:
        model = Author
        fields = ["remark", "teacher"]


class AddedForm(RemarkForm):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["like"] = forms.ModelChoiceField(Author.objects.all())
