"""The front page's product cards, kept in a dictionary of this process behind a lock.

While one thread rebuilds the cards (a query per product for its category and one for its reviews),
every other visitor of the front page waits at the lock. Other processes keep their own stale copy.
"""

import threading
import time

from . import settings
from .models import Product

_cache = {}
_cache_lock = threading.Lock()


def cards(category_slug=None):
    """Cards as dictionaries, newest product first; of one category, or of all with None."""
    with _cache_lock:
        made, found = _cache.get(category_slug, (0.0, None))
        if found is None or time.monotonic() - made > settings.CATALOGUE_SECONDS:
            found = [_card(product) for product in _products(category_slug)]
            _cache[category_slug] = (time.monotonic(), found)
        return found


def forget():
    """Drop all cards, after a product has changed."""
    with _cache_lock:
        _cache.clear()


def find(words):
    """Cards of the products whose name or description contains every word. Never cached."""
    query = Product.query
    for word in words.split():
        like = "%" + word + "%"
        query = query.filter(Product.name.ilike(like) | Product.description.ilike(like))
    return [_card(product) for product in query.order_by(Product.name)]


def _products(category_slug):
    chosen = list(Product.query.order_by(Product.id.desc()))
    # Filtered in Python, after a lazy load of each product's category.
    return [p for p in chosen if category_slug in (None, p.category.slug)]


def _card(product):
    return {
        "slug": product.slug,
        "name": product.name,
        "cents": product.cents,
        "stock": product.stock,
        "picture": product.picture,
        "category": product.category.name,
        "stars": product.stars,
        "reviews": len(product.reviews),
    }
