"""SQLAlchemy while values are followed: which class a query, a statement or a relationship is about.

relations.py   relationships and their other sides, as the class bodies have them
types.py       names: what gives a query, rows, an instance
models.py      the extension of the solver: attributes, calls, loops
events.py      validators and listeners
"""

from __future__ import annotations

from bridge.analysis.frameworks.sqlalchemy.events import MappedClassesReader
from bridge.analysis.frameworks.sqlalchemy.models import MappedClasses, mapped_classes_of

__all__ = ["MappedClasses", "MappedClassesReader", "mapped_classes_of"]
