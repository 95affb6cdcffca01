from django.http import HttpResponse

from shop.models import Note


def loaded(request):
    notes = Note.objects.prefetch_related("parent")
    return HttpResponse(str([note.parent for note in notes]))  # expect: WB212 django.db.models.QuerySet.__iter__ via ANY /loaded/


def each(request):
    notes = Note.objects.all()
    return HttpResponse(str([note.parent for note in notes]))  # expect: WB212 django.db.models.QuerySet.__iter__ via ANY /each/; WB215 django.db.models.fields.related_descriptors.ForwardManyToOneDescriptor.__get__ via ANY /each/


def columns(request):
    note = Note.objects.get(pk=1)  # expect: WB212 django.db.models.QuerySet.get via ANY /columns/
    return HttpResponse(f"{note.parent_type_id} {note.parent_id}")  # ok
