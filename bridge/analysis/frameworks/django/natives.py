"""Every function outside the project that the interpreter knows, by its dotted name."""

from __future__ import annotations

from types import MappingProxyType

from bridge.analysis.frameworks.django.builtin_natives import BUILTINS
from bridge.analysis.frameworks.django.data import Native
from bridge.analysis.frameworks.django.library_natives import LIBRARY

__all__ = ["NATIVES"]

NATIVES: MappingProxyType[str, Native] = MappingProxyType(
    {name: Native(name, function) for name, function in {**BUILTINS, **LIBRARY}.items()}
)
