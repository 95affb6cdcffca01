from django.contrib.auth.models import AbstractUser
from django.db import models
from somewhere.models import Named


class Author(models.Model):
    name = models.CharField(max_length=10, unique=True)
    remark = models.CharField(max_length=10)


class Seat(models.Model):
    row = models.IntegerField()
    number = models.IntegerField()

    class Meta:
        unique_together = [("row", "number")]


class Reader(AbstractUser):
    remark = models.CharField(max_length=10)


class Guest(Named):
    remark = models.CharField(max_length=10)
