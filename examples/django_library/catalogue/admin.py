from django.contrib import admin

from .models import Author, Book, Copy, Genre, Suggestion


class CopyInline(admin.TabularInline):
    model = Copy
    extra = 0


@admin.register(Book)
class BookAdmin(admin.ModelAdmin):
    list_display = ["title", "author", "year", "free"]
    list_filter = ["genres"]
    search_fields = ["title", "author__name"]
    inlines = [CopyInline]

    def free(self, book):
        """A query per copy, in a list of a hundred books."""
        return len(book.free_copies())


@admin.register(Author)
class AuthorAdmin(admin.ModelAdmin):
    list_display = ["name", "born", "died"]
    search_fields = ["name"]


admin.site.register([Genre, Suggestion])
