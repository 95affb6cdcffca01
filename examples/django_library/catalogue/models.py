"""What stands on the shelves."""

import os

from django.core.exceptions import ValidationError
from django.db import models
from django.urls import reverse

PICTURE_TYPES = (".png", ".jpg", ".jpeg", ".gif", ".webp")  # no SVG from strangers: it can carry scripts


class Author(models.Model):
    name = models.CharField(max_length=120, unique=True)
    born = models.IntegerField()
    died = models.IntegerField(null=True, blank=True)

    class Meta:
        ordering = ["name"]

    def __str__(self):
        return self.name

    def get_absolute_url(self):
        return reverse("author", args=[self.pk])


class Genre(models.Model):
    name = models.CharField(max_length=60)
    slug = models.SlugField(unique=True)

    class Meta:
        ordering = ["name"]

    def __str__(self):
        return self.name

    def get_absolute_url(self):
        return reverse("shelf", args=[self.slug])


class Book(models.Model):
    title = models.CharField(max_length=160)
    author = models.ForeignKey(Author, on_delete=models.CASCADE)
    genres = models.ManyToManyField(Genre)
    year = models.IntegerField()
    summary = models.TextField()

    class Meta:
        ordering = ["title"]

    def __str__(self):
        return self.title

    def get_absolute_url(self):
        return reverse("book", args=[self.pk])

    def free_copies(self):
        """Copies that nobody has: one query for the copies and one more for each of them."""
        return [copy for copy in self.copy_set.all() if copy.is_free()]


class Copy(models.Model):
    book = models.ForeignKey(Book, on_delete=models.CASCADE)
    barcode = models.CharField(max_length=12, unique=True)
    last_seen = models.DateTimeField(null=True, blank=True)  # at the last stocktake

    class Meta:
        ordering = ["barcode"]
        verbose_name_plural = "copies"

    def __str__(self):
        return "%s (%s)" % (self.book.title, self.barcode)

    def is_free(self):
        """True when no loan of this copy is open."""
        return not self.loan_set.filter(returned=None).exists()


def check_picture(upload):
    """Refuse uploads that are not pictures, by the end of their name."""
    if os.path.splitext(upload.name)[1].lower() not in PICTURE_TYPES:
        raise ValidationError("A picture is one of: %s." % ", ".join(PICTURE_TYPES))


class Suggestion(models.Model):
    title = models.CharField(max_length=160)
    reason = models.TextField("why should we buy it?")
    picture = models.FileField(upload_to="suggestions/", blank=True, validators=[check_picture])
    made = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-made"]

    def __str__(self):
        return self.title
