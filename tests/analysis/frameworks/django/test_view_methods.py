from __future__ import annotations

from tests.analysis.frameworks.django.conftest import Analysed


def test_views_of_packages_that_are_not_installed_answer_as_they_do_there(read: Analysed) -> None:
    found = read(
        shop__views="""
        from django_tables2 import SingleTableView
        from extra_views import ModelFormSetView, UpdateWithInlinesView
        from haystack.generic_views import FacetedSearchView

        class Table(SingleTableView): pass
        class Lines(ModelFormSetView): pass
        class Order(UpdateWithInlinesView): pass
        class Search(FacetedSearchView): pass
        """,
        urls="""
        from django.urls import path
        from shop import views
        urlpatterns = [
            path("table/", views.Table.as_view()),
            path("lines/", views.Lines.as_view()),
            path("order/", views.Order.as_view()),
            path("search/", views.Search.as_view()),
        ]
        """,
    )
    assert sorted(each.id for each in found.survey.discovery.routes) == [
        "GET /lines/",
        "GET /order/",
        "GET /search/",
        "GET /table/",
        "POST /lines/",
        "POST /order/",
        "POST /search/",
        "PUT /lines/",
        "PUT /order/",
    ]
