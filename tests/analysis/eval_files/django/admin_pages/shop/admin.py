from django.contrib import admin
from django.http import HttpResponse
from shop.models import Book


@admin.register(Book)
class BookAdmin(admin.ModelAdmin):  # expect: WB212 django.db.models.QuerySet.count via ANY /admin/shop/book/; WB212 django.db.models.QuerySet.__len__ via ANY /admin/shop/book/; WB621 django.db.transaction.Atomic.__enter__ via ANY /admin/shop/book/add/, ANY /admin/shop/book/<path:object_id>/delete/; WB212 django.db.models.Model.save via ANY /admin/shop/book/add/; WB212 django.db.models.QuerySet.get via ANY /admin/shop/book/<path:object_id>/delete/, ANY /admin/shop/book/<path:object_id>/history/; WB212 django.db.models.Model.delete via ANY /admin/shop/book/<path:object_id>/delete/
    def change_view(self, request, object_id, form_url="", extra_context=None):
        return HttpResponse("")
