from django.db import models
from shop import fields


class Author(models.Model):
    name = fields.NameField()
    code = fields.CharField(max_length=10, unique=True)
    remark = fields.CharField(max_length=10, told=True)
    teacher = fields.ForeignKey("Author", null=True, on_delete=models.SET_NULL)
