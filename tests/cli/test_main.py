from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from bridge import __version__
from bridge.cli import main
from bridge.cli.errors import CommandError
from tests.cli.serving import run_command

HELP = """\
Usage: wsgi-bridge [OPTIONS] COMMAND [ARGS]...

  From WSGI to ASGI without a rewrite: serve Flask, Django and Pyramid applications on any ASGI
  server, see what blocks, move route by route.

Options:
  --version   Show the version and exit.
  -h, --help  Show this message and exit.

Commands:
"""


def run_main(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[object, str, str]:
    with pytest.raises(SystemExit) as end:
        main.main(arguments)
    captured = capsys.readouterr()
    return end.value.code, captured.out, captured.err


def test_help_lists_every_verb(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "100")
    code, out, err = run_main(capsys, "--help")
    assert (code, err) == (0, "")
    assert out.startswith(HELP)
    assert out[len(HELP) :].split("\n") == [
        *(f"  {name:<{max(map(len, main.VERBS))}}  {verb.summary}" for name, verb in main.VERBS.items()),
        "",
    ]


def test_version_prints_the_version_alone(capsys: pytest.CaptureFixture[str]) -> None:
    assert run_main(capsys, "--version") == (0, f"wsgi-bridge {__version__}\n", "")


def test_python_m_bridge_is_the_same_command(tmp_path: Path) -> None:
    done = run_command(tmp_path, "--version")
    assert (done.returncode, done.stdout, done.stderr) == (0, f"wsgi-bridge {__version__}\n", "")


@pytest.mark.parametrize("argument", ["--help", "--version"])
def test_help_and_version_import_no_verb(argument: str) -> None:
    code = (
        "import sys\n"
        "from bridge.cli.main import main\n"
        f"try: main(['{argument}'])\n"
        "except SystemExit: print('MODULES', *sys.modules)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=30
    )
    loaded = set(done.stdout.rpartition("MODULES ")[2].split())
    assert "bridge.cli.main" in loaded
    assert loaded.isdisjoint({"rich", "uvicorn", "asyncio", "bridge.cli.serve", "bridge.cli.starting"})


@pytest.mark.parametrize("verb", main.VERBS)
def test_a_verb_s_summary_is_the_first_sentence_of_its_help(verb: str) -> None:
    assert main.VERBS[verb].load().get_short_help_str(200) == main.VERBS[verb].summary


def test_an_unknown_verb_near_a_known_one_names_that(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = run_main(capsys, "sreve", "shop:app")
    assert (code, out) == (2, "")
    assert err.endswith("Error: there is no command 'sreve'. Did you mean: wsgi-bridge serve ...\n")


def test_a_target_without_its_verb_names_serve(capsys: pytest.CaptureFixture[str]) -> None:
    code, _, err = run_main(capsys, "shop:app")
    assert code == 2
    assert err.endswith("Error: there is no command 'shop:app'. Did you mean: wsgi-bridge serve shop:app\n")


@pytest.mark.parametrize("exit_code", [1, 2])
def test_a_command_error_is_told_without_a_traceback_and_sets_the_exit_code(
    exit_code: int, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    error = CommandError("there is no pudding.", advice=["Bring some."])
    error.exit_code = exit_code

    def fail(*_: object) -> None:
        raise error

    monkeypatch.setattr("bridge.cli.starting.start", fail)
    expected = (exit_code, "", "Error: there is no pudding.\n\nBring some.\n")
    assert run_main(capsys, "serve", "shop") == expected


def test_an_error_that_is_not_ours_is_not_swallowed(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise LookupError("a bug")

    monkeypatch.setattr("bridge.cli.starting.start", fail)
    with pytest.raises(LookupError, match="a bug"):
        main.main(["serve", "shop"])


def test_ctrl_c_is_not_the_exit_code_of_findings(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def interrupted(*_arguments: object, **_options: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("bridge.cli.check.report_or_error", interrupted)
    code, out, err = run_main(capsys, "check", str(tmp_path))
    assert (code, out, err) == (130, "", "\nstopped by Ctrl-C\n")
