"""Links and forms of an HTML page, as a browser would see them."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import quote, urljoin, urlsplit

from scripts.compare_servers.exchange import HOST

__all__ = ["Field", "Form", "Page", "read_page"]

_LINKING = {"a": "href", "link": "href", "area": "href", "script": "src", "img": "src", "iframe": "src"}
_SILENT = frozenset({"button", "image", "reset"})  # inputs that send nothing unless clicked
_KEPT = "!#$%&'()*+,/:;=?@[]~"  # characters that quote() leaves as the page spelled them


@dataclass(frozen=True, slots=True)
class Field:
    """One control: `kind` as in <input type=...>, or "textarea", "select", "submit"."""

    name: str
    kind: str
    value: str
    checked: bool = False


@dataclass(slots=True)
class Form:
    """`action`: request target. `method` and `encoding` in lower case."""

    action: str
    method: str
    encoding: str
    fields: list[Field] = field(default_factory=list)

    @property
    def shape(self) -> tuple[str, ...]:
        """What makes it the same form on another page: its method and the names of its controls."""
        return (self.method, *sorted({control.name for control in self.fields}))


@dataclass(frozen=True, slots=True)
class Page:
    """`links`: request targets on the same site, each once, in the page's order."""

    links: tuple[str, ...]
    forms: tuple[Form, ...]


def read_page(text: str, target: str) -> Page:
    """Read the page that was answered to a request for `target`."""
    reader = _Reader(target)
    reader.feed(text)
    reader.close()
    return Page(tuple(dict.fromkeys(reader.links)), tuple(reader.forms))


class _Reader(HTMLParser):
    def __init__(self, target: str) -> None:
        super().__init__(convert_charrefs=True)
        self._base = f"http://{HOST}{target}"
        self.links: list[str] = []
        self.forms: list[Form] = []
        self._form: Form | None = None
        self._text: tuple[str, list[str]] | None = None
        self._select = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        link = values.get(_LINKING.get(tag, ""), "")
        if link:
            self._add_link(link)
        if tag == "form":
            self._open_form(values)
        elif self._form is not None:
            self._control(self._form, tag, values, {name for name, _ in attrs})

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = None
        elif tag == "textarea" and self._text and self._form is not None:
            name, parts = self._text
            # HTML 13.2.6.4.7: a newline right after <textarea> is not part of its value.
            self._form.fields.append(Field(name, "textarea", "".join(parts).removeprefix("\n")))
            self._text = None

    def handle_data(self, data: str) -> None:
        if self._text:
            self._text[1].append(data)

    def _add_link(self, link: str) -> None:
        target = self._maybe_target(link)
        if target is not None:
            self.links.append(target)

    def _maybe_target(self, link: str) -> str | None:
        """A link as a request target; None when it leads elsewhere or is no URL."""
        try:
            parts = urlsplit(urljoin(self._base, link.strip()))
        except ValueError:  # "http://[": no URL
            return None
        if parts.scheme != "http" or parts.netloc != HOST:
            return None
        return quote((parts.path or "/") + (f"?{parts.query}" if parts.query else ""), safe=_KEPT)

    def _open_form(self, values: dict[str, str]) -> None:
        action = self._maybe_target(values.get("action") or self._base)
        self._form = None
        if action is not None:
            encoding = values.get("enctype", "").lower() or "application/x-www-form-urlencoded"
            self._form = Form(action, values.get("method", "get").lower(), encoding)
            self.forms.append(self._form)

    def _control(self, form: Form, tag: str, values: dict[str, str], given: set[str]) -> None:
        name, value = values.get("name", ""), values.get("value", "")
        if tag == "option" and self._select and ("selected" in given or self._first_option(form)):
            form.fields.append(Field(self._select, "select", value))
        elif not name or "disabled" in given:
            return
        elif tag == "select":
            self._select = name
        elif tag == "textarea":
            self._text = (name, [])
        elif tag == "button" and values.get("type", "submit").lower() == "submit":
            form.fields.append(Field(name, "submit", value))
        elif tag == "input" and values.get("type", "text").lower() not in _SILENT:
            kind = values.get("type", "text").lower()
            default = value or ("on" if kind in {"checkbox", "radio"} else "")
            form.fields.append(Field(name, kind, default, checked="checked" in given))

    def _first_option(self, form: Form) -> bool:
        """A browser selects a list's first option when none is marked; a later marked one comes on top."""
        return not any(control.name == self._select for control in form.fields)
