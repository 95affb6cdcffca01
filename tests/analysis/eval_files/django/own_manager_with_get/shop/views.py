from django.http import HttpResponse


class Objects:
    def get(self, pk):
        return pk


class Book:
    objects = Objects()


def x(request):
    return HttpResponse(str(Book.objects.get(pk=1)))  # ok
