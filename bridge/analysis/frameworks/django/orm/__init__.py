"""Django's ORM while values are followed: which class a query set, a foreign key or a signal is about.

relations.py   fields between models, as the class bodies have them
types.py       names: what gives a query set, an element, a number
signals.py     receivers, and what fires them; signal_calls.py the calls about them
models.py      the extension of the solver: attributes, calls, loops
program.py     whether a program needs it
"""

from __future__ import annotations

from bridge.analysis.frameworks.django.orm.models import Models
from bridge.analysis.frameworks.django.orm.program import models_of

__all__ = ["Models", "models_of"]
