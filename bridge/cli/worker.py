"""The ASGI application of a worker process.

    parent   settings.store() ---- environment ----> worker   create(): restore, import, wrap

Servers that start processes get `bridge.cli.worker:create` as their application factory. It takes nothing,
so it works under spawn and fork alike.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, cast

from bridge.cli.collector import calm_collector
from bridge.cli.complaint import complain
from bridge.cli.errors import CommandError, LanesFileWrong, OptionConflict, ReportFileWrong
from bridge.cli.loading import is_migration, load
from bridge.cli.logs import configure_logging
from bridge.cli.proxy import BehindProxy, TrustedPeers
from bridge.cli.settings import Edge, Limits, ServeSettings
from bridge.protocol.asgi_types import AsgiApp

if TYPE_CHECKING:
    from bridge.adapters.wsgi_to_asgi import WsgiToAsgi
    from bridge.executors.lanes import LaneTable
    from bridge.incremental.metrics import MigrationCollector

__all__ = ["STARTUP_FAILURE", "build", "create", "lane_table_or_error", "prepare", "settle"]

STARTUP_FAILURE = 3  # exit code; uvicorn's parent stops on it, where it restarts a worker that crashed


def create() -> AsgiApp:
    """Return the application that this process serves, as the environment says.

    What is wrong with the user's code is told on standard error and ends the process.
    """
    settings = ServeSettings.restore()
    configure_logging(settings.logs)
    try:
        prepare(settings)
        served = build(load(settings.target, settings.folder).application, settings)
    except CommandError as error:
        complain(error)
        sys.exit(STARTUP_FAILURE)
    settle(settings)
    return served


def prepare(settings: ServeSettings) -> None:
    """Make waiting cooperative if requests run in greenlets; before the application is imported.

    Raises `LanesFileWrong`.
    """
    if _uses_greenlets(settings):
        from bridge.cooperative import install

        install()


def settle(settings: ServeSettings) -> None:
    """Spare the garbage collector what is loaded by now."""
    calm_collector(threshold=settings.gc_threshold, greenlets=_uses_greenlets(settings))


def _uses_greenlets(settings: ServeSettings) -> bool:
    table = lane_table_or_error(settings)
    return "greenlet" in ((settings.limits.executor,) if table is None else table.names)


def lane_table_or_error(settings: ServeSettings) -> LaneTable | None:
    """Return the lanes that the settings name; None: one executor serves all. Raises `LanesFileWrong`."""
    if settings.limits.lanes is None:
        return None
    from bridge.errors import InvalidLanes
    from bridge.executors.lanes import lane_table

    try:
        table = lane_table(settings.limits.lanes)
        table.executors(shutdown_timeout=settings.limits.shutdown_timeout)  # their limits are checked there
    except InvalidLanes as error:
        raise LanesFileWrong(settings.limits.lanes, error.problem) from None
    return table


def _executors(settings: ServeSettings) -> dict[str, Any]:
    """Return the options of `WsgiToAsgi` that say where requests run."""
    limits = settings.limits
    if limits.lanes is not None:
        return {"lanes": limits.lanes, "report_holds": limits.report_holds}
    common = {"max_queue": limits.max_queue, "queue_timeout": limits.queue_timeout}
    if limits.executor == "greenlet":
        common |= {"max_greenlets": limits.max_greenlets, "report_holds": limits.report_holds}
        return {"executor": "greenlet", **common}
    return {"max_threads": limits.max_threads, **common}


def build(application: Callable[..., Any], settings: ServeSettings) -> AsgiApp:
    """Wrap an application: the bridge, the pages of ours around it, the proxy's word outermost.

    A `Migration` has its bridge already. Raises `OptionConflict` for options that do not fit the application.
    """
    edge = settings.edge
    bridge, served = (
        _migration(application, settings) if is_migration(application) else _bridge(application, settings)
    )
    if settings.record is not None:
        from bridge.incremental.redaction import Redaction
        from bridge.incremental.traffic.recorder import Recorder

        names = cast(Any, application).configuration.secrets if is_migration(application) else ()
        served = Recorder(served, settings.record.file, salt=settings.record.salt, redaction=Redaction(names))
    if edge.dashboard is not None:  # around the recorder: what is clicked there is no traffic to replay
        from bridge.incremental.dashboard.mounting import MountedBelow

        served = MountedBelow(served, _dashboard(application, edge), edge.dashboard)
    if edge.metrics is not None:
        from bridge.observe.metrics import MetricsPage

        collectors = _collectors(application) if is_migration(application) else ()
        served = MetricsPage(served, bridge.executors.values(), path=edge.metrics, collectors=collectors)
    if edge.root_path or edge.proxy_headers:
        trusted = TrustedPeers(edge.forwarded_allow_ips) if edge.proxy_headers else None
        local = settings.listen.uds is not None
        served = BehindProxy(served, trusted=trusted, local=local, root_path=edge.root_path)
    return served


def _collectors(migration: Any) -> tuple[MigrationCollector, ...]:
    from bridge.incremental.metrics import MigrationCollector

    return (MigrationCollector(migration.store, lambda: migration.table),)


def _bridge(application: Callable[..., Any], settings: ServeSettings) -> tuple[WsgiToAsgi, AsgiApp]:
    from bridge import WsgiToAsgi

    if settings.edge.dashboard is not None:
        raise OptionConflict(
            "--dashboard shows a bridge.Migration, and the target is a WSGI application.",
            "Put it and its successor behind a Migration, and serve that: migration_guide/incremental.md",
        )
    limits = settings.limits
    bridge = WsgiToAsgi(
        application,
        **_executors(settings),
        multiprocess=settings.workers > 1,
        shutdown_timeout=limits.shutdown_timeout,
        client_timeout=limits.client_timeout,
        body_window=limits.body_window,
        high_water=limits.high_water,
        spool_chunked=limits.spool_chunked,
        keep_underscore_headers=limits.keep_underscore_headers,
        websockets=limits.websockets,
    )
    # its events are typed as dict, where servers promise any mapping
    return bridge, cast(AsgiApp, bridge)


def _migration(application: Any, settings: ServeSettings) -> tuple[WsgiToAsgi, AsgiApp]:
    """Return the legacy application's bridge, and the migration. Raises `OptionConflict`."""
    if settings.limits != Limits():
        raise OptionConflict(
            "a Migration has a bridge of its own, which the options of threads and bodies do not reach.",
            "Set them there: Migration(legacy=WsgiToAsgi(application, max_threads=20), modern=...)",
        )
    return application.legacy, cast(AsgiApp, application)


def _dashboard(application: Any, edge: Edge) -> AsgiApp:
    from bridge.incremental.dashboard import Dashboard
    from bridge.incremental.dashboard.analysed import InvalidReport

    try:
        return Dashboard(
            application.store,
            lambda: application.configuration,
            token=edge.dashboard_token,
            secret=edge.dashboard_secret,
            report=edge.dashboard_report,
        )
    except InvalidReport as error:
        raise ReportFileWrong(str(error.path), error.problem) from None
