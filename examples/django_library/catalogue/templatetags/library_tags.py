"""Template tags. Templates look innocent; the queries are in here."""

from django import template

register = template.Library()


@register.simple_tag
def free_copies(book):
    """How many copies of `book` can be borrowed now."""
    return len(book.free_copies())


@register.filter
def names(items):
    """The items' names, with commas between: evaluates a query set."""
    return ", ".join(str(item) for item in items.all())
