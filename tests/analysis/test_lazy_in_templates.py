"""A lazy attribute that a Jinja template reads is told with its name and the template's."""

from __future__ import annotations

from pathlib import Path

import pytest

from bridge.analysis.analyse import analyse
from bridge.analysis.model import Category

LIBRARY = """\
from flask import Flask, render_template
from sqlalchemy import ForeignKey, create_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, relationship


class Base(DeclarativeBase):
    pass


class Author(Base):
    __tablename__ = "author"
    id: Mapped[int] = mapped_column(primary_key=True)
    books: Mapped[list["Book"]] = relationship(back_populates="author")
    prizes: Mapped[list["Prize"]] = relationship()


class Prize(Base):
    __tablename__ = "prize"
    id: Mapped[int] = mapped_column(primary_key=True)
    author_id: Mapped[int] = mapped_column(ForeignKey("author.id"))


class Book(Base):
    __tablename__ = "book"
    id: Mapped[int] = mapped_column(primary_key=True)
    author_id: Mapped[int] = mapped_column(ForeignKey("author.id"))
    author: Mapped["Author"] = relationship(back_populates="books")


engine = create_engine("postgresql://")
app = Flask(__name__, static_folder=None)


@app.get("/book/<int:id>")
def book(id):
    with Session(engine) as session:
        found = session.get(Book, id)
        return render_template("book.html", book=found)
"""


def told(folder: Path, **templates: str) -> list[str]:
    (folder / "app.py").write_text(LIBRARY)
    (folder / "templates").mkdir()
    for name, text in templates.items():
        (folder / "templates" / f"{name}.html").write_text(text)
    return [each.message for each in analyse(folder).findings if each.category is Category.ORM_LAZY]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("{{ book.author.id }}", "Book.author"),
        ("{% for each in book.author.books %}{{ each.id }}{% endfor %}", "Book.author or Author.books"),
        ("{{ book.author.id }}{{ book.author.prizes }}", "Book.author or Author.prizes"),
    ],
)
def test_the_attributes_and_the_template_are_named(tmp_path: Path, text: str, names: str) -> None:
    assert told(tmp_path, book=text) == [f"{names} in book.html loads from the database when it is read"]


def test_a_template_that_is_included_is_named(tmp_path: Path) -> None:
    [message] = told(tmp_path, book='{% include "author.html" %}', author="{{ book.author.id }}")
    assert message == "Book.author in author.html loads from the database when it is read"


def test_several_templates_are_named(tmp_path: Path) -> None:
    [message] = told(
        tmp_path, book='{% include "author.html" %}{{ book.author.books }}', author="{{ book.author.prizes }}"
    )
    assert "Book.author or Author.books or Author.prizes in book.html or author.html" in message


def test_what_is_no_relationship_is_not_told(tmp_path: Path) -> None:
    assert told(tmp_path, book="{{ book.id }} {{ book.author_id }}") == []
