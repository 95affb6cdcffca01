from django.http import HttpResponse

from shop.models import Note


def x(request):
    note = Note.objects.get(pk=1)  # expect: WB212 django.db.models.QuerySet.get via ANY /x/
    number = note.object_id  # ok: a column
    subject = note.subject  # expect: WB214 django.db.models.fields.related_descriptors.ForwardManyToOneDescriptor.__get__ via ANY /x/
    other = note.other  # expect: WB214 django.db.models.fields.related_descriptors.ForwardManyToOneDescriptor.__get__ via ANY /x/
    return HttpResponse(f"{number} {subject} {other}")
