from django.db import models


class Told:
    def __init__(self, *args, told=False, **kwargs):
        self.told = told
        super().__init__(*args, **kwargs)


class CharField(Told, models.CharField):
    pass


class ForeignKey(Told, models.ForeignKey):
    pass


class NameField(CharField):
    def __init__(self):
        super().__init__(max_length=10, unique=True)
