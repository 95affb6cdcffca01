import threading
import time

from django.core.signals import got_request_exception, request_finished, request_started
from django.db.models.signals import post_save
from django.dispatch import receiver
from shop.models import Book

kept = threading.local()


def begins(sender, **kwargs):
    time.sleep(1)  # expect: WB101 time.sleep via ANY /x/


request_started.connect(begins)


@receiver(request_finished)
def ends(sender, **kwargs):
    kept.seen = set()  # expect: WB501 threading.local via ANY /x/


@receiver(post_save, sender=Book)
def saved(sender, instance, **kwargs):
    time.sleep(1)  # ok: no route saves a book


@receiver(got_request_exception)
def failed(sender, **kwargs):
    time.sleep(1)  # ok: on a failure


def seen():
    if not hasattr(kept, "seen"):  # expect: WB501 threading.local via ANY /x/
        kept.seen = set()
    return kept.seen
