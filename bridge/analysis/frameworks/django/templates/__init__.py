"""Django templates as functions of the program: what they ask while they render is found as in any other code.

finding.py    template names -> files; the tags and filters of a project
tokens.py     text -> tags and variables, with their lines
lowering.py   a template -> the tree of a Python function `render(context)`, and from there to facts
rendering.py  where templates are rendered, and what happens then
"""

from __future__ import annotations

from bridge.analysis.frameworks.django.templates.finding import Library, Templates

__all__ = ["Library", "Templates"]
