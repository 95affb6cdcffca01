"""Validates what the formats write against schemas that others publish; see scripts/official_schemas."""

from __future__ import annotations

import importlib
import json
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import jsonschema

from bridge.analysis.analyse import analyse
from bridge.analysis.model import Report
from bridge.reports import FORMATS, RenderContext, SourceReader
from bridge.reports.rules import rule_texts
from tests.reports.samples import empty_report, hostile_report, large_report, sample_report

__all__ = ["main"]

ROOT = Path(__file__).resolve().parent.parent
SHOP = ROOT / "examples" / "flask_shop"
Validate = Callable[[Path, str], None]


def by_json_schema(schema: Path, text: str) -> None:
    """Raise if the text does not fit; of a schema for one issue every issue is checked."""
    loaded: dict[str, Any] = json.loads(schema.read_text("utf-8"))
    data = json.loads(text)
    checker = jsonschema.FormatChecker()
    for each in data if isinstance(data, list) else [data]:
        jsonschema.Draft4Validator(loaded, format_checker=checker).validate(each)


def by_xsd(schema: Path, text: str) -> None:
    """Raise if the text does not fit."""
    importlib.import_module("xmlschema").XMLSchema(str(schema)).validate(text)


# format -> the schema's file, and how it is applied
SCHEMAS: Mapping[str, tuple[str, Validate]] = {
    "sarif": ("sarif-schema-2.1.0.json", by_json_schema),
    "rdjson": ("DiagnosticResult.json", by_json_schema),
    "gitlab": ("codeclimate.json", by_json_schema),
    "junit": ("junit-10.xsd", by_xsd),
}


def reports() -> dict[str, tuple[Report, RenderContext]]:
    """Return the samples of the test suite, and the bundled shop's own report."""
    samples = {
        "sample": sample_report(),
        "empty": empty_report(),
        "hostile": hostile_report(),
        "large": large_report(),
    }
    plain = {name: (report, RenderContext()) for name, report in samples.items()}
    shop = analyse(SHOP)
    context = RenderContext(sources=SourceReader(SHOP), prefix="examples/", rules=rule_texts(shop.findings))
    return {**plain, "shop": (shop, context)}


def main(arguments: list[str]) -> int:
    """Return 1 if a report does not fit its schema, 2 if there is no folder."""
    if len(arguments) != 1 or not Path(arguments[0]).is_dir():
        print("usage: scripts/official_schemas FOLDER", file=sys.stderr)
        return 2
    judged = reports()
    failed = False
    for format_name, (file, validate) in SCHEMAS.items():
        schema = Path(arguments[0], file)
        if not schema.exists():
            print(f"{format_name}: skipped, there is no {file}")
            continue
        for name, (report, context) in judged.items():
            problem = _problem(validate, schema, FORMATS[format_name](report, context))
            failed = failed or bool(problem)
            print(f"{format_name}: {name} {f'does not fit {file}: {problem}' if problem else f'fits {file}'}")
    return int(failed)


def _problem(validate: Validate, schema: Path, text: str) -> str:
    try:
        validate(schema, text)
    except Exception as error:  # whatever a validator calls wrong, the other reports are still judged
        return str(error)[:500] or type(error).__name__
    return ""


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
