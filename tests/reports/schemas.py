"""The parts of published formats that are used here, restated as JSON Schemas from their documentation.

GitLab: docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format, and what its parser demands.
rdjson: github.com/reviewdog/reviewdog/tree/master/proto/rdf, closed, so that a misspelt field is an error.
SARIF has its own schema, as classes, in the package pydantic-sarif.
"""

from __future__ import annotations

from typing import Any

__all__ = ["GITLAB", "RDJSON"]

Json = dict[str, Any]

TEXT = {"type": "string", "minLength": 1}
LINE = {"type": "integer", "minimum": 1}
RELATIVE_PATH = {"type": "string", "minLength": 1, "not": {"pattern": r"^(\.?/|\.\./)"}}


def closed(properties: Json, *, optional: tuple[str, ...] = ()) -> Json:
    required = [name for name in properties if name not in optional]
    return {"type": "object", "properties": properties, "required": required, "additionalProperties": False}


GITLAB: Json = {
    "type": "array",
    "items": closed(
        {
            "type": {"const": "issue"},
            "description": TEXT,
            "check_name": TEXT,
            "fingerprint": TEXT,
            "severity": {"enum": ["info", "minor", "major", "critical", "blocker"]},
            "location": closed({"path": RELATIVE_PATH, "lines": closed({"begin": LINE})}),
            "content": closed({"body": {"type": "string"}}),
            "categories": {
                "type": "array",
                "items": {
                    "enum": [
                        "Bug Risk", "Clarity", "Compatibility", "Complexity", "Duplication", "Performance",
                        "Security", "Style",
                    ]
                },
            },
        }
    ),
}  # fmt: skip

POSITION = closed({"line": LINE, "column": LINE}, optional=("column",))
LOCATION = closed({"path": RELATIVE_PATH, "range": closed({"start": POSITION})}, optional=("range",))
RDJSON: Json = closed(
    {
        "source": closed({"name": TEXT}),
        "diagnostics": {
            "type": "array",
            "items": closed(
                {
                    "message": TEXT,
                    "location": LOCATION,
                    "severity": {"enum": ["ERROR", "WARNING", "INFO"]},
                    "code": closed({"value": TEXT, "url": {"type": "string"}}, optional=("url",)),
                    "related_locations": {
                        "type": "array",
                        "items": closed({"message": TEXT, "location": LOCATION}),
                    },
                }
            ),
        },
    }
)
