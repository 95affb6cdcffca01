from __future__ import annotations

from pathlib import Path

import pytest

from bridge.analysis.analyse import analysed
from bridge.analysis.frameworks.django import DjangoReader
from tests.analysis.frameworks.django.conftest import Analysed, Project


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


def test_files_beside_the_settings_are_there_where_the_project_is_the_working_folder(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = project(
        settings="""
        from pathlib import Path
        if not (Path(__file__).resolve().parent / "release.py").exists():
            del ROOT_URLCONF
        """,
        release="",
        shop__views="def page(request): pass",
        urls="""
        from django.urls import path
        from shop import views
        urlpatterns = [path("page/", views.page)]
        """,
    )
    monkeypatch.chdir(folder)
    found = analysed(Path(), readers=[DjangoReader()]).survey.discovery
    assert [each.id for each in found.routes] == ["ANY /page/"]
