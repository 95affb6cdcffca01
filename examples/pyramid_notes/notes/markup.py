"""Notes are written in a small dialect of Markdown. Everything that is not markup is escaped first."""

import re
import threading
from html import escape

from markupsafe import Markup

from . import store

_cache = {}
_cache_lock = threading.Lock()
CACHE_SIZE = 200  # notes

INLINE = [
    (re.compile(r"`([^`]+)`"), r"<code>\1</code>"),
    (re.compile(r"\*\*(.+?)\*\*"), r"<strong>\1</strong>"),
    (re.compile(r"\*(.+?)\*"), r"<em>\1</em>"),
    (re.compile(r"\[([^\]]+)\]\((https?://[^\s)]+|/[^\s)]*)\)"), r'<a href="\2" rel="noopener">\1</a>'),
]
WIKI_LINK = re.compile(r"\[\[([^\]]+)\]\]")
BLOCK = re.compile(r"\n\s*\n")


def cached(text):
    """`text` as HTML. One thread renders at a time; when the cache is full it is thrown away."""
    with _cache_lock:
        if text not in _cache:
            if len(_cache) >= CACHE_SIZE:
                _cache.clear()
            _cache[text] = render(text)
        return _cache[text]


def render(text):
    """`text` as HTML that is safe to put into a page."""
    parts = re.split(r"^```\s*$", text.replace("\r\n", "\n"), flags=re.MULTILINE)
    html = [_code(part) if number % 2 else _blocks(part) for number, part in enumerate(parts)]
    return Markup("\n".join(html))  # every part was escaped


def _code(text):
    return "<pre><code>%s</code></pre>" % escape(text.strip("\n"))


def _blocks(text):
    return "\n".join(_block(block.strip("\n")) for block in BLOCK.split(text) if block.strip())


def _block(block):
    lines = block.split("\n")
    if heading := re.match(r"(#{1,3}) +(.+)$", block):
        level = len(heading[1]) + 1
        return "<h%d>%s</h%d>" % (level, _inline(heading[2]), level)
    if all(re.match(r"[-*] ", line) for line in lines):
        return "<ul>%s</ul>" % "".join(_item(line[2:]) for line in lines)
    if all(line.startswith("> ") for line in lines):
        return "<blockquote>%s</blockquote>" % _inline(" ".join(line[2:] for line in lines))
    return "<p>%s</p>" % "<br>".join(_inline(line) for line in lines)


def _item(text):
    task = re.match(r"\[( |x)\] (.+)", text)
    if not task:
        return "<li>%s</li>" % _inline(text)
    done = task[1] == "x"
    box = '<input type="checkbox" disabled%s>' % (" checked" if done else "")
    return '<li class="task%s">%s %s</li>' % (" done" if done else "", box, _inline(task[2]))


def _inline(text):
    html = escape(text)
    for pattern, replacement in INLINE:
        html = pattern.sub(replacement, html)
    return WIKI_LINK.sub(_wiki_link, html)


def _wiki_link(match):
    """A link to another note: asks the database, from within a regular expression, under the cache's lock."""
    note = store.maybe_note_titled(match[1])
    if note is None:
        return '<span class="missing">%s</span>' % match[1]
    return '<a href="/notes/%d">%s</a>' % (note["id"], match[1])
