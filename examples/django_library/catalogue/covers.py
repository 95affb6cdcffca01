"""Draws a cover for each book: an SVG from the title's checksum, kept on disk."""

import hashlib
import textwrap
from html import escape

from django.conf import settings

WIDTH, HEIGHT = 240, 360
PALETTES = [
    ("#14342b", "#e9c46a", "#f4efe1"),
    ("#3d1f2b", "#e07a5f", "#f6ece3"),
    ("#1d2f4a", "#7fb7be", "#eef3f2"),
    ("#4a3b1f", "#c9a227", "#f7f1dc"),
    ("#2b2d42", "#ef8354", "#edf2f4"),
    ("#233d2a", "#a3b18a", "#f2f5e9"),
    ("#402039", "#d499b9", "#f8eef4"),
    ("#123c4a", "#f2a65a", "#f3f1ea"),
]


def cover(book):
    """The SVG of `book`, read from disk or drawn and written there."""
    path = settings.COVERS / ("%d-%s.svg" % (book.pk, fingerprint(book)[:8]))
    if not path.exists():
        path.write_text(draw(book), encoding="utf-8")
    return path.read_text(encoding="utf-8")


def fingerprint(book):
    """A checksum of everything that the cover shows."""
    return hashlib.sha256(("%s|%s|%d" % (book.title, book.author.name, book.year)).encode()).hexdigest()


def draw(book):
    """A whole SVG document."""
    seed = bytes.fromhex(fingerprint(book))
    dark, bright, pale = PALETTES[seed[0] % len(PALETTES)]
    pattern = PATTERNS[seed[1] % len(PATTERNS)](seed, bright, pale)
    title = _lines(book.title, 15, 58, 25, pale, "700")
    author = _lines(book.author.name, 24, 322, 14, bright, "400")
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" font-family="Georgia, \'Liberation Serif\', serif">'
        '<rect width="%d" height="%d" fill="%s"/>%s<path d="M12 0V360" stroke="#0003" stroke-width="3"/>%s%s'
        '<text x="28" y="30" font-size="11" letter-spacing="2" fill="%s">%d</text></svg>'
        % (WIDTH, HEIGHT, WIDTH, HEIGHT, dark, pattern, title, author, bright, book.year)
    )


def _lines(text, width, y, size, colour, weight):
    rows = textwrap.wrap(text, width)
    spans = "".join('<tspan x="28" dy="%d">%s</tspan>' % (size + 3, escape(row)) for row in rows)
    shape = '<text y="%d" font-size="%d" font-weight="%s" fill="%s">%s</text>'
    return shape % (y - (size + 3), size, weight, colour, spans)


def waves(seed, bright, pale):
    """A sea, and what the night puts over it."""
    moon = '<circle cx="%d" cy="180" r="26" fill="%s"/>' % (60 + seed[2] % 130, pale)
    rows = [
        '<path d="M0 %dq30 -%d 60 0t60 0t60 0t60 0V300H0Z" fill="%s" opacity=".%d"/>'
        % (216 + n * 20, 10 + seed[3] % 14, bright, 3 + n * 2)
        for n in range(3)
    ]
    return moon + "".join(rows)


def hills(seed, bright, pale):
    """Three ranges, one behind the other."""
    ranges = [
        '<path d="M0 300L%d %dL%d %dL240 %dV300Z" fill="%s" opacity=".%d"/>'
        % (
            30 + seed[n] % 60,
            190 + n * 26,
            130 + seed[n + 3] % 70,
            215 + n * 20,
            200 + n * 26,
            bright,
            3 + n * 2,
        )
        for n in range(3)
    ]
    return '<circle cx="%d" cy="186" r="20" fill="%s"/>' % (50 + seed[9] % 140, pale) + "".join(ranges)


def rings(seed, bright, pale):
    """Circles in a row, for books about society."""
    radius = 16 + seed[4] % 26
    shapes = [
        '<circle cx="%d" cy="236" r="%d" fill="none" stroke="%s" stroke-width="5"/>'
        % (44 + n * 30, radius, colour)
        for n, colour in enumerate([bright, pale] * 3)
    ]
    return "".join(shapes)


def stripes(seed, bright, pale):
    """Bars of uneven height, like a town or a shelf."""
    bars = [
        '<rect x="%d" y="%d" width="15" height="%d" fill="%s"/>'
        % (
            28 + n * 19,
            290 - 30 - seed[n + 5] % 86,
            30 + seed[n + 5] % 86,
            pale if seed[n] % 5 == 0 else bright,
        )
        for n in range(10)
    ]
    return "".join(bars)


def stars(seed, bright, pale):
    """A night sky, different for each title."""
    dots = [
        '<circle cx="%d" cy="%d" r="%.1f" fill="%s"/>'
        % (24 + seed[n] * 200 // 255, 170 + seed[31 - n] * 120 // 255, 1.5 + n % 4, pale if n % 3 else bright)
        for n in range(24)
    ]
    return "".join(dots)


PATTERNS = [waves, hills, rings, stripes, stars]
