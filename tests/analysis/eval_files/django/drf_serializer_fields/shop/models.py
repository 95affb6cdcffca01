from django.db import models


class Author(models.Model):
    name = models.CharField(max_length=10)


class Book(models.Model):
    title = models.CharField(max_length=10)
    author = models.ForeignKey(Author, on_delete=models.CASCADE)

    @property
    def signed(self):
        return self.title.upper()


class Review(models.Model):
    book = models.ForeignKey(Book, on_delete=models.CASCADE)
    writer = models.ForeignKey(Author, on_delete=models.CASCADE)

    @property
    def praises(self):
        return self.writer.name == "x"  # expect: WB611 django.db.models.fields.related_descriptors.ForwardManyToOneDescriptor.__get__ via GET /reviews
