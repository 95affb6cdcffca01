"""A request that parses what its visitor sent, or a large document.

## What it does

Finds lxml, BeautifulSoup, `xml`, html5lib, markdown, regular expressions from the visitor's text and YAML.

## Why it blocks

The time depends on the text, and a hostile one can make it exponential. Nothing else runs on the thread, and
under the GIL little else in the process.

## Example

    import re

    def find(request, text):
        return re.findall(request.args["pattern"], text)

## Use instead

    def find(request, text):
        return [line for line in text.splitlines() if request.args["words"] in line]

## References

- https://owasp.org/www-community/attacks/Regular_expression_Denial_of_Service_-_ReDoS
- https://lxml.de/FAQ.html#threading
"""

from __future__ import annotations

from bridge.analysis.model import Severity
from bridge.analysis.rules.base import Rule

__all__ = ["RULE"]

RULE = Rule(
    code="WB405",
    name="parsing",
    message="{sink} parses, for as long as the text is hard",
    severity=Severity.WARNING,
    sinks=(
        "lxml",
        "bs4",
        "xml",
        "html5lib",
        "markdown",
        "markdown2",
        "mistune",
        "commonmark",
        "bleach",
        "re",
        "regex",
        "yaml",
        "ruamel",
        "docutils",
        "pygments",
        "readability",
        "newspaper",
        "justext",
        "trafilatura",
        "nh3",
        "defusedxml",
        "xmltodict",
    ),
)
