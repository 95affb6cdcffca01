"""Whether a program needs the extension for Django's ORM."""

from __future__ import annotations

from bridge.analysis.facts import Opcode
from bridge.analysis.frameworks.django.orm.models import Models
from bridge.analysis.frameworks.django.orm.relations import relations_of
from bridge.analysis.frameworks.django.templates.finding import Templates
from bridge.analysis.frameworks.django.templates.rendering import Rendering
from bridge.analysis.project import Project
from bridge.analysis.solving.program import Program

__all__ = ["models_of"]


def models_of(program: Program, project: Project) -> Models | None:
    """Return the extension for a program, None if nothing in it imports Django."""
    if not _uses_django(program):
        return None
    return Models(relations_of(program), Rendering(Templates(project)))


def _uses_django(program: Program) -> bool:
    return any(
        (each[0] == Opcode.FROM and each[2] == 0 and str(each[3]).partition(".")[0] == "django")
        or (each[0] == Opcode.IMPORT and str(each[2]).partition(".")[0] == "django")
        for scope in program.scopes
        if scope.kind == "module"
        for each in scope.instructions
    )
