from django.db import connection
from django.http import HttpResponse


def x(request):
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")  # expect: WB212 django.db.backends.utils.CursorWrapper.execute via ANY /x/
    return HttpResponse("a")
