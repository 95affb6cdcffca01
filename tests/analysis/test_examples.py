"""The tool on its own examples: every finding and verdict, exactly. Their READMEs tell the same as sins.

What is expected stands in expected_examples/, without line numbers. Where the difference is wanted, write it anew:

    WSGI_BRIDGE_WRITE_EXPECTED=1 python -m pytest tests/analysis/test_examples.py
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
import tomli

from bridge.analysis.analyse import analyse
from bridge.analysis.lanes import lanes_toml
from bridge.analysis.model import Finding, Report
from bridge.executors.lanes import lane_table
from tests.groups import made_once

ROOT = Path(__file__).resolve().parents[2]
EXPECTED = Path(__file__).parent / "expected_examples"
WRITE = bool(os.environ.get("WSGI_BRIDGE_WRITE_EXPECTED"))
EXAMPLES = ("flask_shop", "django_library", "pyramid_notes")
MANY = 6  # routes; more are counted

# Sins of the READMEs that a reader would miss first: (rule, beginning of the sink, function) on a route.
SINS = {
    "flask_shop": [
        ("GET /shipping/quote", "WB201", "requests.Session.get", "shop.shipping._get_rate"),
        ("GET /shipping/quote", "WB101", "time.sleep", "shop.shipping.ask"),
        ("GET /shipping/quote", "WB111", "subprocess.Popen", "shop.shipping._start_bundled"),
        ("GET /shipping/compare", "WB753", "sqlalchemy.orm", "shop.cart.lines"),
        ("GET /product/<slug>/stock", "WB101", "time.sleep", "shop.storefront.stock"),
        ("GET,POST /account/login", "WB401", "hashlib.pbkdf2_hmac", "shop.passwords._digest"),
        ("GET,POST /account/login", "WB101", "time.sleep", "shop.passwords.matches"),
        (
            "GET /account/orders/<int:number>/invoice.pdf",
            "WB110",
            "subprocess.run",
            "shop.invoices._run_tool",
        ),
        (
            "GET /account/orders/<int:number>/invoice.pdf",
            "WB102",
            "threading.Lock",
            "shop.invoices.invoice_path",
        ),
        ("GET,POST /checkout", "WB204", "smtplib.SMTP", "shop.mailer.send"),
        ("POST /product/<slug>/review", "WB531", "threading.Thread", "shop.mailer.send_later"),
        ("GET /admin/", "WB303", "os.walk", "shop.admin._folder_size"),
        ("GET /admin/orders.csv", "WB630", "flask.stream_with_context", "shop.admin.export_orders"),
        ("PUT /admin/products/<slug>/picture", "WB301", "builtins.open", "shop.admin.replace_picture"),
        ("POST /admin/stock-import", "WB215", "sqlalchemy.orm", "shop.admin.import_stock"),
        ("GET /", "WB102", "threading.Lock", "shop.catalogue.cards"),
        ("GET /about", "WB501", "threading.local", "shop.hooks.load_user"),
        ("GET /about", "WB210", "sqlite3", "shop.audit._write"),
    ],
    "django_library": [
        ("ANY /books/<int:pk>/elsewhere/", "WB201", "urllib.request", "catalogue.elsewhere._ask"),
        ("ANY /books/<int:pk>/elsewhere/", "WB101", "time.sleep", "catalogue.elsewhere._ask_patiently"),
        ("ANY /together/", "WB102", "threading.Lock", "catalogue.recommendations.pairs"),
        ("ANY /catalogue.csv", "WB630", "django.http.StreamingHttpResponse", "catalogue.views.catalogue_csv"),
        ("PUT /staff/stocktake/", "WB215", "django.db", "catalogue.views.stocktake"),
        ("POST /books/<int:pk>/borrow/", "WB101", "time.sleep", "lending.views._take_copy"),
        ("POST /books/<int:pk>/borrow/", "WB204", "django.core.mail", "lending.notices.notify"),
        ("POST /loans/<int:pk>/renew/", "WB204", "django.core.mail", "lending.notices.notify"),
        ("ANY /my/reading-list.txt", "WB301", "builtins.open", "lending.views.reading_list"),
        ("GET /suggest/", "WB620", "django.conf.settings", "library_site.settings"),
        ("GET /suggest/", "WB601", "library_site.middleware", "library_site.middleware.AccessLogMiddleware"),
        ("GET /suggest/", "WB501", "threading.local", "library_site.current.set_reader"),
    ],
    "pyramid_notes": [
        ("ANY /login", "WB401", "hashlib.scrypt", "notes.security.matches"),
        ("ANY /changes", "WB102", "threading.Condition", "notes.store.wait_for_change"),
        ("ANY /status", "WB110", "os.popen", "notes.status._host_name"),
        ("ANY /status", "WB202", "socket.create_connection", "notes.status._can_connect"),
        ("ANY /status", "WB101", "time.sleep", "notes.status._backup_answers"),
        ("ANY /status", "WB303", "shutil.disk_usage", "notes.status.status"),
        ("ANY /export.md", "WB630", "pyramid.response.Response", "notes.files.export"),
        ("ANY /export.zip", "WB304", "zipfile.ZipFile", "notes.files.archive"),
        ("PUT /notes/{number:\\d+}/attachments/{name}", "WB301", "builtins.open", "notes.files.attach_raw"),
        ("POST /notes/{number:\\d+}/pin", "WB210", "sqlite3", "notes.store.turn_pin"),
        ("GET /notes/new", "WB505", "threading.local", "notes.store.connection"),
    ],
}


@pytest.fixture(scope="module", params=made_once("analysed", EXAMPLES))
def example(request: pytest.FixtureRequest) -> tuple[str, Report]:
    name = str(request.param)
    return name, analyse(ROOT / "examples" / name)


def test_findings_and_verdicts_are_exactly_these(example: tuple[str, Report]) -> None:
    name, report = example
    text = "".join(f"{line}\n" for line in told(report))
    path = EXPECTED / f"{name}.txt"
    if WRITE:
        path.write_text(text, "utf-8")
    assert text == path.read_text("utf-8")


def told(report: Report) -> Iterator[str]:
    assert not report.crashed
    for route in report.routes:
        yield f"{route.id}: {route.verdict.value}, {route.lane}, {route.effort}"
    yield ""
    yield from sorted(map(line_of, report.findings))


def line_of(finding: Finding) -> str:
    routes = ", ".join(finding.routes) if len(finding.routes) <= MANY else f"{len(finding.routes)} routes"
    loop = " in a loop" if finding.in_loop else ""
    return f"{finding.rule} {finding.sink} in {finding.symbol or finding.file}{loop}: {routes}"


def test_the_sins_of_the_readme_are_found(example: tuple[str, Report]) -> None:
    name, report = example
    found = {(route, each.rule, each.sink, each.symbol) for each in report.findings for route in each.routes}
    missing = [
        sin
        for sin in SINS[name]
        if not any(
            (route, rule, symbol) == (sin[0], sin[1], sin[3]) and sink.startswith(sin[2])
            for route, rule, sink, symbol in found
        )
    ]
    assert not missing


def test_the_server_reads_the_lanes(example: tuple[str, Report]) -> None:
    _, report = example
    table = lane_table(tomli.loads(lanes_toml(report)))
    assert {(pattern.text, lane) for pattern, lane in table.routes} == {
        (each.id, each.lane) for each in report.routes
    }


def test_commands_and_tests_are_not_on_routes(example: tuple[str, Report]) -> None:
    _, report = example
    apart = [
        each.file
        for each in report.findings
        if "commands" in each.file or "cli" in each.file or "tests" in each.file
    ]
    assert not apart
