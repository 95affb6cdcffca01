"""The documents say what the code does: snippets run, commands parse, options match, links lead somewhere."""

from __future__ import annotations

import inspect
import os
import re
import subprocess
import sys
from pathlib import Path

import click
import pytest

from bridge import ThreadExecutor, WsgiToAsgi
from bridge.cli.main import VERBS
from scripts import generate_docs
from tests.markdown import DOCUMENTS, ROOT, Block, blocks, commands

PYTHON = blocks("python")
SHELL = blocks("console", "bash", "sh")
NO_RUN = "python no-run: "


def verb_command(words: list[str]) -> list[str] | None:
    """Return what follows `wsgi-bridge`, however the document starts it; None for another command."""
    while words and re.match(r"[A-Z_]+=", words[0]):
        words = words[1:]
    if words[:1] == ["wsgi-bridge"]:
        return words[1:]
    if words[:3] == ["python", "-m", "bridge"]:
        return words[3:]
    return None


@pytest.mark.parametrize("block", [block for block in PYTHON if block.info == "python"], ids=str)
def test_a_python_snippet_runs(block: Block, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", block.text],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=50,
    )
    assert done.returncode == 0, done.stderr


def test_a_python_snippet_that_is_not_run_says_why_and_compiles() -> None:
    for block in PYTHON:
        if block.info != "python":
            assert block.info.startswith(NO_RUN), block
            assert len(block.info) > len(NO_RUN) + 5, block
            compile(block.text, str(block), "exec")


def test_every_fence_names_a_language() -> None:
    bare = blocks("")
    assert not bare, "write ```text where it is none"


@pytest.mark.parametrize("block", SHELL, ids=str)
def test_the_commands_of_a_document_parse(
    block: Block, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for words in commands(block):
        ours = verb_command(words)
        if ours and ours[0] in VERBS:
            VERBS[ours[0]].load().make_context(ours[0], ours[1:]).close()
        elif ours is not None:
            assert ours in (["--help"], ["--version"]), f"no such command: {words}"
        elif words[0].startswith(("./", "scripts/")):
            assert os.access(ROOT / words[0], os.X_OK), f"no such script: {words[0]}"


@pytest.mark.parametrize("verb", VERBS)
def test_every_option_of_a_command_has_a_help_text(verb: str) -> None:
    silent = [
        parameter.name
        for parameter in VERBS[verb].load().params
        if isinstance(parameter, click.Option) and not parameter.help
    ]
    assert not silent


@pytest.mark.parametrize("verb", VERBS)
def test_every_option_of_a_command_is_documented_and_the_reverse(verb: str) -> None:
    text = (ROOT / "migration_guide" / "command_line.md").read_text("utf-8")
    section = re.search(rf"^## `wsgi-bridge {verb} .*?(?=^## |\Z)", text, re.MULTILINE | re.DOTALL)
    assert section is not None
    rows = "\n".join(re.findall(r"^\| `.*?`", section[0], re.MULTILINE))
    both = re.sub(r"--\[no-\]([a-z-]+)", r"--\1 --no-\1", rows)
    documented = set(re.findall(r"(?<![\w-])--[a-z][a-z-]*", both))
    options = [option for option in VERBS[verb].load().params if isinstance(option, click.Option)]
    spelled = {name for option in options for name in (*option.opts, *option.secondary_opts)}
    assert documented == {name for name in spelled if name.startswith("--")}


def test_the_generated_parts_are_up_to_date() -> None:
    stale = [
        path.name for path in DOCUMENTS if generate_docs.with_parts(path.read_text()) != path.read_text()
    ]
    assert not stale, "run scripts/docs"


def adapter_options() -> dict[str, str]:
    """Return the adapter page's table of options: name -> default, as written there."""
    text = (ROOT / "migration_guide" / "adapter.md").read_text("utf-8")
    text = text.split("<!-- options -->")[1].split("<!-- /options -->")[0]
    return dict(re.findall(r"^\| `(\w+)` \| `(.*?)` \|", text, re.MULTILINE))


def keyword_defaults(subject: type) -> dict[str, object]:
    parameters = inspect.signature(subject).parameters.values()
    return {each.name: each.default for each in parameters if each.kind is each.KEYWORD_ONLY}


def test_the_options_in_the_guide_are_those_of_the_adapter() -> None:
    assert set(adapter_options()) == set(keyword_defaults(WsgiToAsgi))


@pytest.mark.parametrize("option", adapter_options())
def test_the_default_of_an_option_in_the_guide_is_the_real_one(option: str) -> None:
    # What the adapter leaves to its executor has the executor's default.
    real = {**keyword_defaults(WsgiToAsgi), **_executor_defaults()}
    assert adapter_options()[option] == repr(real[option])


def _executor_defaults() -> dict[str, object]:
    ours = keyword_defaults(WsgiToAsgi)
    return {name: value for name, value in keyword_defaults(ThreadExecutor).items() if name in ours}


LINK = re.compile(r"\]\((?!https?:|mailto:)([^)#\s]*)(?:#([^)\s]+))?\)")


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_a_relative_link_leads_to_a_file_and_its_heading(document: Path) -> None:
    for target, anchor in LINK.findall(document.read_text("utf-8")):
        path = (document.parent / target) if target else document
        assert path.exists(), f"{document.name} links to {target}"
        if anchor:
            assert anchor in _anchors(path), f"{document.name} links to {target}#{anchor}"


def test_the_guide_s_index_leads_to_every_page() -> None:
    guide = ROOT / "migration_guide"
    linked = {target for target, _ in LINK.findall((guide / "README.md").read_text("utf-8"))}
    assert {page.name for page in guide.glob("*.md")} - {"README.md"} <= linked


def _anchors(path: Path) -> set[str]:
    headings = re.findall(r"^#+ (.*)$", path.read_text("utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}
