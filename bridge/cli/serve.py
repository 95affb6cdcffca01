"""`wsgi-bridge serve TARGET`: the options, and nothing else; starting.py does the work."""

from __future__ import annotations

import secrets
from itertools import pairwise
from pathlib import Path
from typing import Any

import click

from bridge.cli.collector import GREENLET_THRESHOLD
from bridge.cli.logs import LEVELS
from bridge.cli.sections import SectionedCommand, Size, option, size_text
from bridge.cli.servers import SERVERS
from bridge.cli.settings import Edge, Limits, Listen, Logs, Recording, ServeSettings, Tls

__all__ = ["serve", "settings_from"]

DEFAULT_METRICS = "/metrics"
DEFAULT_DASHBOARD = "/_migration"
LIMITS, LISTEN = Limits(), Listen()  # the defaults


class ServeCommand(SectionedCommand):
    """Takes `--metrics` and `--dashboard` with or without a value."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Give a bare `--metrics` its default: click would take the TARGET behind it for its value."""
        bare = {
            "--metrics": f"--metrics={DEFAULT_METRICS}",
            "--dashboard": f"--dashboard={DEFAULT_DASHBOARD}",
        }
        given = [bare.get(argument, argument) for argument in args]
        try:
            return super().parse_args(ctx, given)
        except click.UsageError as error:
            for option, path in pairwise(args):
                if option in bare and path.startswith("/"):
                    hint = f"The path of {option} stands behind an equals sign: {option}={path}"
                    raise click.UsageError(f"{error.format_message()}\n{hint}", ctx) from None
            raise


LISTENING, SERVER, THREADS, BODIES = (
    "Where to listen",
    "Server",
    "Threads and greenlets",
    "Requests and responses",
)
LOGGING, PROXY, TLS = "Logging and metrics", "Behind a proxy", "TLS"

PORT, ONE_OR_MORE, ZERO_OR_MORE, SECONDS = (
    click.IntRange(0, 65535),
    click.IntRange(1),
    click.IntRange(0),
    click.FloatRange(0),
)
NAMES, FOLDER = click.Choice(list(SERVERS)), click.Path(exists=True, file_okay=False)


@click.command(
    cls=ServeCommand,
    short_help="Serve a WSGI application on an ASGI server.",
    examples=(
        "wsgi-bridge serve shop.wsgi",
        "wsgi-bridge serve 'shop:create_app()' --workers 4 --threads 20",
        "wsgi-bridge serve path/to/project --executor greenlet --watchdog",
    ),
)
@click.argument("target", metavar="TARGET", required=False)  # its absence is told with what could be served
@option(LISTENING, "--host", metavar="HOST", default=LISTEN.host, help="Address; 0.0.0.0 is every interface.")
@option(LISTENING, "--port", metavar="N", type=PORT, default=LISTEN.port, help="Port; 0: one that is free.")
@option(LISTENING, "--uds", metavar="PATH", help="Unix socket, instead of host and port.")
@option(
    SERVER,
    "--server",
    metavar="NAME",
    type=NAMES,
    default="uvicorn",
    help=f"ASGI server: {', '.join(SERVERS)}.",
)
@option(SERVER, "--workers", metavar="N", type=ONE_OR_MORE, default=1, help="Processes.")
@option(
    SERVER,
    "--gc-threshold",
    metavar="N",
    type=ZERO_OR_MORE,
    help=f"New objects between garbage collections, 0: none; with greenlets {GREENLET_THRESHOLD}, else Python's.",
)
@option(SERVER, "--reload", is_flag=True, help="Restart when code, templates or configuration change.")
@option(
    SERVER,
    "--reload-dir",
    "reload_dirs",
    metavar="FOLDER",
    multiple=True,
    type=FOLDER,
    help="Watch this folder, not the application's; repeatable.",
)
@option(
    SERVER,
    "--shutdown-timeout",
    metavar="SECONDS",
    type=SECONDS,
    default=LIMITS.shutdown_timeout,
    help="What running requests get at SIGTERM.",
)
@option(
    THREADS,
    "--threads",
    "max_threads",
    metavar="N",
    type=ONE_OR_MORE,
    default=LIMITS.max_threads,
    help="Threads at most, in each worker: requests at one time.",
)
@option(
    THREADS,
    "--executor",
    metavar="NAME",
    type=click.Choice(["thread", "greenlet"]),
    default=LIMITS.executor,
    help="Where requests run: thread, or greenlet, on the event loop.",
)
@option(
    THREADS,
    "--greenlets",
    "max_greenlets",
    metavar="N",
    type=ONE_OR_MORE,
    default=LIMITS.max_greenlets,
    help="Requests at one time with --executor greenlet.",
)
@option(
    THREADS,
    "--lanes",
    metavar="FILE",
    help="Which executor serves which route; `wsgi-bridge lanes` writes it.",
)
@option(
    THREADS,
    "--watchdog",
    "report_holds",
    is_flag=True,
    help="Tell each time that a greenlet request holds the event loop, and where.",
)
@option(
    THREADS,
    "--queue-size",
    "max_queue",
    metavar="N",
    type=ZERO_OR_MORE,
    default=LIMITS.max_queue,
    help="Requests that may wait for a thread; one more gets 503.",
)
@option(
    THREADS,
    "--queue-timeout",
    metavar="SECONDS",
    type=SECONDS,
    default=LIMITS.queue_timeout,
    help="How long they wait before they get 503; 0: for ever.",
)
@option(
    BODIES,
    "--client-timeout",
    metavar="SECONDS",
    type=SECONDS,
    default=LIMITS.client_timeout,
    help="How long a thread waits for a client that neither sends nor reads; 0: for ever.",
)
@option(
    BODIES,
    "--body-window",
    metavar="SIZE",
    type=Size(),
    default=size_text(LIMITS.body_window),
    help="How much of an upload is held before its client waits.",
)
@option(
    BODIES,
    "--high-water",
    metavar="SIZE",
    type=Size(),
    default=size_text(LIMITS.high_water),
    help="How far a response may run ahead of its client.",
)
@option(
    BODIES,
    "--spool-chunked/--no-spool-chunked",
    default=True,
    help="Read chunked uploads first, for their CONTENT_LENGTH.",
)
@option(
    BODIES,
    "--underscore-headers/--no-underscore-headers",
    "keep_underscore_headers",
    default=False,
    help="Hand on headers with an underscore, which can forge others.",
)
@option(
    THREADS,
    "--websockets",
    is_flag=True,
    help="Hand WebSockets to the application, too; else they get 403.",
)
@option(
    LOGGING,
    "--log-level",
    metavar="LEVEL",
    type=click.Choice(LEVELS),
    default="info",
    help=f"Least of: {', '.join(LEVELS)}.",
)
@option(LOGGING, "--access-log/--no-access-log", default=True, help="A line for every request.")
@option(
    LOGGING,
    "--metrics",
    metavar="[=PATH]",
    help=f"Answer at PATH ({DEFAULT_METRICS}) with metrics for Prometheus.",
)
@option(
    LOGGING,
    "--dashboard",
    metavar="[=PATH]",
    help=f"Show a Migration's dashboard at PATH ({DEFAULT_DASHBOARD}), to this machine.",
)
@option(LOGGING, "--dashboard-token", metavar="TEXT", help="To whoever brings this, too: ?token=TEXT, once.")
@option(
    LOGGING,
    "--dashboard-report",
    metavar="FILE",
    help="A JSON report of the analyser, whose verdicts the dashboard shows.",
)
@option(LOGGING, "--record", metavar="FILE", help="Write every request down, for replay; without secrets.")
@option(
    PROXY,
    "--proxy-headers/--no-proxy-headers",
    default=True,
    help="Believe X-Forwarded-For and -Proto of these proxies:",
)
@option(
    PROXY,
    "--forwarded-allow-ips",
    metavar="LIST",
    default="127.0.0.1,::1",
    help="Addresses and networks; *: everybody.",
)
@option(
    PROXY,
    "--root-path",
    metavar="PATH",
    default="",
    help="Where the proxy mounts the application: SCRIPT_NAME.",
)
@option(TLS, "--tls-cert", metavar="FILE", help="Certificate chain in PEM; makes it https.")
@option(TLS, "--tls-key", metavar="FILE", help="Its key, unless it is in the certificate's file.")
@option(TLS, "--tls-key-password", metavar="TEXT", help="The key's password.")
@option(TLS, "--tls-ca", metavar="FILE", help="CA in PEM: clients must have a certificate signed by it.")
@click.pass_context
def serve(ctx: click.Context, /, target: str | None, **options: Any) -> None:
    """Serve the WSGI application TARGET on an ASGI server.

    \b
    TARGET is one of
      module:attribute      shop:app
      module:factory()      'shop:create_app(debug=True)', with literal arguments
      module                has application, app or create_app()
      file.py, a folder     with manage.py (Django), wsgi.py or app.py

    Every option can be set in the environment: WSGI_BRIDGE_SERVE_PORT=8080.
    """  # noqa: D301 - click reads the backslash-b as "do not wrap"
    from bridge.cli.starting import start
    from bridge.cli.target import applications_in
    from bridge.cli.target_errors import TargetMissing

    if target is None:
        raise TargetMissing(applications_in(str(Path.cwd())))
    ctx.exit(start(settings_from(target, str(Path.cwd()), options)))


def settings_from(target: str, folder: str, options: dict[str, Any]) -> ServeSettings:
    """Return the settings that the command line's `options` ask for; `folder` is the working folder."""

    def pick(*names: str) -> dict[str, Any]:
        return {name: options[name] for name in names}

    for name, needed in (
        ("reload_dirs", "reload"),
        ("dashboard_token", "dashboard"),
        ("dashboard_report", "dashboard"),
    ):
        if options[name] and not options[needed]:
            option = f"--{name.removesuffix('s').replace('_', '-')}"
            raise click.UsageError(f"{option} does nothing without --{needed}; add it")
    return ServeSettings(
        target=target,
        folder=folder,
        **pick("server", "workers", "gc_threshold", "reload"),
        record=_recording(options["record"], folder),
        reload_dirs=_watched(target, folder, options["reload_dirs"]) if options["reload"] else (),
        listen=Listen(**pick("host", "port"), uds=_absolute(options["uds"], folder)),
        limits=Limits(
            **pick("max_threads", "max_queue", "shutdown_timeout", "body_window", "high_water"),
            **pick("spool_chunked", "keep_underscore_headers", "executor", "max_greenlets", "report_holds"),
            **pick("websockets"),
            lanes=_absolute(options["lanes"], folder),
            queue_timeout=options["queue_timeout"] or None,
            client_timeout=options["client_timeout"] or None,
        ),
        logs=Logs(level=options["log_level"], access=options["access_log"]),
        edge=Edge(
            proxy_headers=options["proxy_headers"],
            forwarded_allow_ips=_listed(options["forwarded_allow_ips"]),
            root_path=_path_or_error("--root-path", options["root_path"]).rstrip("/"),
            metrics=None if options["metrics"] is None else _path_or_error("--metrics", options["metrics"]),
            dashboard=_path_or_error("--dashboard", options["dashboard"] or "") or None,
            dashboard_token=options["dashboard_token"] or None,
            dashboard_secret=secrets.token_hex(16) if options["dashboard"] else None,
            dashboard_report=_absolute(options["dashboard_report"], folder),
        ),
        tls=Tls(
            cert=_absolute(options["tls_cert"], folder),
            key=_absolute(options["tls_key"], folder),
            key_password=options["tls_key_password"],
            ca=_absolute(options["tls_ca"], folder),
        ),
    )


def _recording(path: str | None, folder: str) -> Recording | None:
    # One salt for all workers: a client is the same one in each of them.
    return None if path is None else Recording(file=str(Path(folder, path)), salt=secrets.token_hex(8))


def _absolute(path: str | None, folder: str) -> str | None:
    # An application may change the working folder while it is imported.
    return None if path is None else str(Path(folder, path))


def _watched(target: str, folder: str, given: tuple[str, ...]) -> tuple[str, ...]:
    from bridge.cli.target import locate

    folders = given or (locate(target, folder).home,)
    return tuple(str(Path(folder, entry)) for entry in folders)


def _listed(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())


def _path_or_error(name: str, path: str) -> str:
    if path and not path.startswith("/"):
        raise click.UsageError(f"{name}: a path begins with a slash; write {name}=/{path}")
    return path
