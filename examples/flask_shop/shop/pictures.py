"""Draws the demonstration products: small SVG bridges, each from a kind and a hue."""

import math

WIDTH, HEIGHT = 480, 360
DECK = 230  # the y of the road
WATER = 275  # the y of the water line


def draw(kind, hue):
    """A whole SVG document showing a bridge of `kind` (a key of `KINDS`) in the colour `hue` (0-359)."""
    ink = "hsl(%d 45%% 28%%)" % hue
    accent = "hsl(%d 58%% 55%%)" % ((hue + 25) % 360)
    body = KINDS[kind](ink, accent)
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" role="img">'
        '<defs><linearGradient id="sky" x2="0" y2="1"><stop stop-color="hsl(%d 65%% 86%%)"/>'
        '<stop offset="1" stop-color="hsl(%d 75%% 95%%)"/></linearGradient></defs>'
        '<rect width="%d" height="%d" fill="url(#sky)"/>%s%s%s</svg>'
        % (WIDTH, HEIGHT, hue, (hue + 40) % 360, WIDTH, HEIGHT, _scenery(hue), body, _water(hue))
    )


def _line(x1, y1, x2, y2, *pen):
    """A straight line; `pen` is its colour and perhaps its width."""
    return _path("M%.1f %.1fL%.1f %.1f" % (x1, y1, x2, y2), *pen)


def _path(d, colour, width=4, fill="none"):
    return (
        '<path d="%s" stroke="%s" stroke-width="%s" fill="%s" stroke-linecap="round" stroke-linejoin="round"/>'
        % (
            d,
            colour,
            width,
            fill,
        )
    )


def _box(x, y, width, height, colour):
    return '<rect x="%.1f" y="%.1f" width="%.1f" height="%.1f" rx="2" fill="%s"/>' % (
        x,
        y,
        width,
        height,
        colour,
    )


def _scenery(hue):
    sun = '<circle cx="%d" cy="82" r="34" fill="hsl(%d 92%% 76%%)"/>' % (80 + hue, 24 + hue % 30)
    hills = "M0 250Q90 150 190 235T370 220T480 205V360H0Z"
    return sun + _path(hills, "none", 0, "hsl(%d 35%% 76%%)" % ((hue + 15) % 360))


def _water(hue):
    out = [_box(0, WATER, WIDTH, HEIGHT - WATER, "hsl(%d 48%% 58%%)" % (186 + hue % 34))]
    for row in range(3):
        y = WATER + 18 + row * 22
        waves = "M%d %d" % (-30 - row * 17, y) + "q15 -7 30 0t30 0" * 10
        out.append(_path(waves, "rgb(255 255 255 / .45)", 2))
    return "".join(out)


def _road(ink):
    return _box(0, DECK, WIDTH, 12, ink)


def arch(ink, accent):
    """A stone viaduct of four arches."""
    out = [_box(0, DECK - 8, WIDTH, HEIGHT - DECK, accent)]
    for number in range(4):
        x = 14 + number * 116
        out.append(
            _path("M%d 360V%dA50 46 0 0 1 %d %dV360Z" % (x, WATER + 2, x + 100, WATER + 2), ink, 3, "#fff8")
        )
    return "".join(out) + _box(0, DECK - 16, WIDTH, 10, ink)


def suspension(ink, accent):
    """Two towers and a hanging cable."""
    out = [_box(x, 80, 14, 230, ink) for x in (113, 353)]
    for step in range(17):
        x = 127 + step * 14.1
        sag = 92 + 118 * (1 - ((x - 240) / 113) ** 2)
        out.append(_line(x, min(sag, DECK), x, DECK, accent, 2))
    out.append(_path("M0 200L120 88Q240 330 360 88L480 200", accent, 6))
    return "".join(out) + _road(ink)


def cable_stayed(ink, accent):
    """One mast and a fan of stays."""
    fan = [_line(240, 62 + abs(n) * 5, 240 + n * 25, DECK, accent, 2) for n in range(-9, 10) if n]
    return "".join(fan) + _path("M214 330L240 44L266 330", ink, 11) + _road(ink)


def truss(ink, accent):
    """Riveted triangles, as railways love them."""
    out = [_path("M40 %dL80 150H400L440 %d" % (DECK, DECK), ink, 8)]
    for number in range(8):
        x = 80 + number * 40
        out.append(_line(x, 150, x + 20, DECK, accent, 5) + _line(x + 20, DECK, x + 40, 150, accent, 5))
    piers = _box(50, DECK, 22, 100, ink) + _box(408, DECK, 22, 100, ink)
    return "".join(out) + piers + _road(ink)


def rope(ink, accent):
    """Planks and two ropes, for the brave."""
    out = [_path("M0 130L46 360H0Z", ink, 0, ink), _path("M480 130L434 360H480Z", ink, 0, ink)]
    for step in range(22):
        x = 24 + step * 20.6
        y = 172 + 74 * math.sin(math.pi * step / 21)
        out.append(_line(x, y, x, y - 44, ink, 1.5) + _box(x - 8, y, 16, 6, accent))
    out.append(_path("M22 128Q240 270 458 128", ink, 3))
    return "".join(out)


def draw_bridge(ink, accent):
    """A castle gate with its bridge half up."""
    battlements = "".join(_box(268 + n * 44, 76, 26, 26, ink) for n in range(5))
    wall = _box(268, 98, 212, 262, ink)
    gate = _path("M318 %dV170A44 44 0 0 1 406 170V%dZ" % (DECK + 12, DECK + 12), accent, 3, "#2b2233")
    leaf = _line(316, DECK + 6, 176, 168, accent, 13) + _line(180, 164, 322, 130, "#3338", 3)
    bank = _path("M0 230H130L150 360H0Z", "none", 0, ink)
    return wall + battlements + gate + leaf + bank


def covered(ink, accent):
    """A wooden house that crosses a river."""
    planks = "".join(_line(96 + n * 18, 152, 96 + n * 18, DECK, ink, 1.5) for n in range(17))
    windows = "".join(_box(120 + n * 66, 168, 34, 24, "#fff3cf") for n in range(4))
    roof = _path("M62 152L96 96H384L418 152Z", ink, 3, ink)
    piers = _box(100, DECK, 30, 100, "#8d8478") + _box(350, DECK, 30, 100, "#8d8478")
    return piers + _box(84, 150, 312, DECK - 148, accent) + planks + windows + roof + _road(ink)


def cards(ink, accent):
    """The other bridge: a hand of cards."""
    out = []
    for number, sign in enumerate("♠♥♦♣"):
        colour = "#b3202f" if sign in "♥♦" else "#20242c"
        out.append(
            '<g transform="rotate(%d 240 420)"><rect x="185" y="88" width="110" height="160" rx="10" fill="#fffdf7"'
            ' stroke="%s" stroke-width="3"/><text x="240" y="192" font-size="72" text-anchor="middle" fill="%s">%s'
            "</text></g>" % (-33 + number * 22, ink, colour, sign)
        )
    return "".join(out) + _box(0, WATER - 12, WIDTH, 14, accent)


def spectacles(ink, accent):
    """The bridge of a nose."""
    glass = "".join(
        '<circle cx="%d" cy="170" r="66" fill="#fff9" stroke="%s" stroke-width="11"/>' % (x, ink)
        for x in (150, 330)
    )
    arms = _line(84, 160, 40, 132, ink, 9) + _line(396, 160, 440, 132, ink, 9)
    return glass + arms + _path("M214 158Q240 124 266 158", accent, 14)


def ferry(ink, accent):
    """What was there before the bridge."""
    hull = _path("M110 232H370L340 292H142Z", ink, 4, ink)
    cabin = _box(168, 182, 144, 50, "#fffaf0") + "".join(
        _box(184 + n * 42, 196, 24, 18, accent) for n in range(3)
    )
    smoke = "".join(
        '<circle cx="%d" cy="%d" r="%d" fill="#fff9"/>' % (262 + n * 26, 112 - n * 18, 12 + n * 5)
        for n in range(4)
    )
    return smoke + _box(244, 128, 26, 54, accent) + cabin + hull + _line(110, 232, 370, 232, accent, 6)


KINDS = {
    "arch": arch,
    "suspension": suspension,
    "stayed": cable_stayed,
    "truss": truss,
    "rope": rope,
    "draw": draw_bridge,
    "covered": covered,
    "cards": cards,
    "spectacles": spectacles,
    "ferry": ferry,
}
