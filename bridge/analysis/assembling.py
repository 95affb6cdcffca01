"""Survey and findings -> the report."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence

from bridge.analysis.inspecting import Inspected, Inspector
from bridge.analysis.knowledge import Knowledge
from bridge.analysis.model import (
    Finding,
    Middleware,
    MiddlewareReport,
    Plan,
    ProjectFacts,
    PythonError,
    Report,
    Route,
    RouteReport,
    Summary,
    Verdict,
)
from bridge.analysis.planning import planned
from bridge.analysis.project import Project
from bridge.analysis.survey import Survey
from bridge.analysis.verdicts import ANSWERING, HARMLESS, judged

__all__ = ["assembled"]


def assembled(root: str, inspector: Inspector, inspected: Inspected) -> Report:
    """Return the report. `root` is the path as its user wrote it.

    What is accepted counts wherever it matters that a call blocks: in verdicts, lanes and the plan.
    """
    survey, crashes = inspector.survey, inspector.crashes
    findings = inspected.findings
    blocking = (*findings, *inspected.accepted)
    routes = _routes(survey, inspected, inspector.project)
    plan = Plan()
    with crashes.naming("the plan"):
        plan = planned(
            blocking, survey.effects.calls(), survey.entries(), _packages(blocking, inspector.knowledge)
        )
    return Report(
        project=_project(root, inspector),
        summary=_summary(routes, findings, plan, survey),
        routes=routes,
        findings=findings,
        middleware=tuple(_middleware(each, survey, findings) for each in survey.discovery.middleware),
        dependencies=tuple(inspector.dependencies),
        plan=plan,
        crashed=(*survey.discovery.crashed, *crashes.named),
        unread=survey.discovery.unread,
        accepted=inspected.accepted,
    )


def _project(root: str, inspector: Inspector) -> ProjectFacts:
    project = inspector.project
    return ProjectFacts(
        root=root,
        files=sum(1 for module in project.modules if module.file),
        lines=project.lines,
        frameworks=inspector.survey.discovery.frameworks,
        python_errors=tuple(PythonError(each.file, each.line, each.message) for each in project.diagnostics),
    )


def _routes(survey: Survey, inspected: Inspected, project: Project) -> tuple[RouteReport, ...]:
    told, accepted = _by_route(inspected.findings), _by_route(inspected.accepted)
    resolved = survey.resolved()
    unique: dict[str, Route] = {}
    for route in survey.discovery.routes:
        unique.setdefault(route.id, route)
    packages = {project.package, *(each.name.partition(".")[0] for each in project.modules)}
    files = {each.file for each in project.modules}
    return tuple(
        judged(
            route,
            told[route.id],
            resolved[route.id],
            accepted=accepted[route.id],
            library=_library(route, packages, files),
        )
        for route in unique.values()
    )


def _library(route: Route, packages: Collection[str], files: Collection[str]) -> str:
    """Return the top package of a view that no package of the project holds; "" for what is the project's own.

    So is a file, page or redirection that the project lets a framework's own view serve.
    """
    package, dot, _ = route.handler.partition(".")
    is_own = package in packages or any(root.role in ANSWERING for root in route.roots)
    is_lent = route.handler.startswith(HARMLESS) and (not route.file or route.file in files)
    return "" if is_own or is_lent or not dot else package


def _by_route(findings: Iterable[Finding]) -> Mapping[str, list[Finding]]:
    found: Mapping[str, list[Finding]] = defaultdict(list)
    for finding in findings:
        for route_id in finding.routes:
            found[route_id].append(finding)
    return found


def _summary(
    routes: Sequence[RouteReport], findings: Sequence[Finding], plan: Plan, survey: Survey
) -> Summary:
    counts = Counter(route.verdict for route in routes)
    return Summary(
        routes=len(routes),
        verdicts={verdict: counts[verdict] for verdict in Verdict},
        findings=len(findings),
        effort=sum(unit.effort for unit in plan.shared),
        resolved_calls=survey.resolved_overall(),
    )


def _middleware(middleware: Middleware, survey: Survey, findings: Sequence[Finding]) -> MiddlewareReport:
    places = survey.places_in(middleware)
    return MiddlewareReport(
        name=middleware.name,
        file=middleware.file,
        line=middleware.line,
        async_capable=middleware.async_capable,
        findings=tuple(
            each.id
            for each in findings
            if (each.sink, each.file, each.line) in places
            or (each.sink == middleware.name and each.rule[:3] == "WB6")
        ),
    )


def _packages(findings: Sequence[Finding], knowledge: Knowledge) -> Mapping[str, str]:
    """Return sink -> the distribution that another may take the place of; a framework is no such thing."""
    found = {each.sink: knowledge.package_of(each.sink) for each in findings if each.category is not None}
    return {
        sink: package.name
        for sink, package in found.items()
        if package is not None and package.kind != "framework"
    }
