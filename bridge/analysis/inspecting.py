"""All rules over a survey: findings, and apart from them what the code accepts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from bridge.analysis.assumptions import Assumptions
from bridge.analysis.async_functions import async_symbols
from bridge.analysis.crashes import Crashes
from bridge.analysis.findings import Judge, Sighting, numbered, of_obstacle
from bridge.analysis.knowledge import Cooperative, Knowledge
from bridge.analysis.model import Category, Dependency, Finding
from bridge.analysis.project import Project
from bridge.analysis.requirements import normalised
from bridge.analysis.rules import Inspection, Rule, rules
from bridge.analysis.rules.claiming import Claims
from bridge.analysis.suppression import suppressed, suppressions_in
from bridge.analysis.survey import Survey

__all__ = ["Inspected", "Inspector", "driver_cooperates"]

UNUSED_SUPPRESSION = "WB905"
BY_DRIVER = frozenset({Category.DATABASE})


@dataclass(frozen=True, slots=True)
class Inspected:
    """What was found, and what of it a `# noqa` accepts: that is told to nobody, and blocks all the same."""

    findings: tuple[Finding, ...]
    accepted: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Inspector:
    """Everything that findings are made from."""

    project: Project
    survey: Survey
    knowledge: Knowledge
    dependencies: Sequence[Dependency]
    assumptions: Assumptions
    crashes: Crashes

    def inspected(self) -> Inspected:
        """Return the findings, numbered, those behind a `# noqa` apart; an unused one is a finding."""
        known = rules()
        called = self._judge(known.values()).findings(self._sightings())
        told = {(each.rule, each.file, each.line) for each in called}
        others = self._obstacles(known.values())
        found = [*called, *(each for each in others if (each.rule, each.file, each.line) not in told)]
        files = (module.file for module in self.project.modules if module.file)
        left = suppressed(found, suppressions_in(self.project.root, files))
        unused = (of_obstacle(known[UNUSED_SUPPRESSION], each) for each in left.unused)
        return Inspected(numbered((*left.kept, *unused)), numbered(left.taken, letter="A"))

    def _judge(self, known: Iterable[Rule]) -> Judge:
        return Judge(
            claims=Claims(known),
            knowledge=self.knowledge,
            async_symbols=async_symbols(self.survey.state),
            driver_cooperates=driver_cooperates(self.dependencies, self.knowledge, self.assumptions),
        )

    def _sightings(self) -> Iterator[Sighting]:
        for sighting in self.survey.sightings():
            if not self.assumptions.cover(sighting.witness.sink):
                yield sighting

    def _obstacles(self, known: Iterable[Rule]) -> Iterator[Finding]:
        inspection = Inspection(
            project=self.project,
            state=self.survey.state,
            discovery=self.survey.discovery,
            knowledge=self.knowledge,
            dependencies=tuple(self.dependencies),
            routes=self.survey.routes_of_scopes(),
            doubtful=self.survey.doubtful_scopes(),
            resolved=self.survey.resolved(),
            calls={route: reached.calls for route, reached in self.survey.reached.items()},
            scopes_of=lambda roots: self.survey.effects.of(*roots).scopes,
        )
        for rule in known:
            if rule.obstacles is not None:
                with self.crashes.naming(f"the rule {rule.code}"):
                    yield from [of_obstacle(rule, each) for each in rule.obstacles(inspection)]


def driver_cooperates(
    dependencies: Iterable[Dependency], knowledge: Knowledge, assumptions: Assumptions
) -> bool:
    """Return whether every database driver that the project names waits on Python sockets; False where it names none."""
    found: list[bool] = []
    for each in dependencies:
        package = assumptions.swaps.get(normalised(each.name)) or knowledge.package(each.name)
        calls = knowledge.calls_of(package.name) if package else ()
        waits = [call.cooperative for call in calls if call.category in BY_DRIVER]
        if waits and Cooperative.DRIVER not in waits:  # what waits as its driver does is none itself
            found.append(Cooperative.YES in waits)
    return bool(found) and all(found)
