import time

from django.db.models.signals import post_save
from django.dispatch import receiver
from shop.models import Book


@receiver(post_save, sender=Book)
def saved(sender, instance, **kwargs):
    time.sleep(1)  # expect: WB101 time.sleep via ANY /x/
