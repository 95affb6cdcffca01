"""The shop on disk, and a context that reads its lines."""

from __future__ import annotations

from pathlib import Path

import pytest

from bridge.reports.context import RenderContext
from bridge.reports.sources import SourceReader
from tests.reports.samples import write_sources


@pytest.fixture
def context(tmp_path: Path) -> RenderContext:
    """Return a context whose sources are the shop's files."""
    return RenderContext(sources=SourceReader(write_sources(tmp_path)))
