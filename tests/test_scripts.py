"""The scripts that a person types first: they must work from nothing, and say so when they can't."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
SCRIPTS = ["check", "docs", "lint", "run", "test"]
TOOLS = ["bash", "cat", "cksum", "dirname", "env", "flock", "mktemp", "rm", "tail"]

# Answers as a Python would that lacks ensurepip, as Debian's does without python3-venv.
BROKEN_PYTHON = '#!/bin/sh\n[ "$1" = --version ] && echo "Python 3.11.2" && exit 0\nexit 1\n'
# Answers as a healthy CPython would; as a venv's it "installs" by writing down that it was asked to.
FAKE_PYTHON = """#!/bin/sh
case "$1 $2" in
"-c "*) echo "{version} $0" ;;
"-m venv") mkdir -p "$4/bin" && cp "$0" "$4/bin/python" ;;
"-m pip") echo "$@" >>"{log}" ;;
"-m pytest") echo "pytest of {version}: $*"; exit {exit_code} ;;
"--version "*) echo "Python {version}.0" ;;
*) exit 97 ;;
esac
"""


class Machine:
    """A machine with these few commands on its PATH, an empty home, and a copy of the scripts."""

    def __init__(self, folder: Path) -> None:
        self.bin, self.home, self.project = folder / "bin", folder / "home", folder / "a project"
        for made in (self.bin, self.home, self.project):
            made.mkdir()
        self.log = folder / "pip.log"
        shutil.copytree(ROOT / "scripts", self.project / "scripts", ignore=shutil.ignore_patterns("[!a-z]*"))
        (self.project / "pyproject.toml").write_text("# empty\n")
        for tool in [*TOOLS, "sh", "mkdir", "cp", "grep"]:
            found = shutil.which(tool)
            if found:
                (self.bin / tool).symlink_to(found)

    def add_python(
        self, name: str, version: str = "3.12", exit_code: int = 0, source: str = FAKE_PYTHON
    ) -> None:
        text = source.replace("{version}", version).replace("{log}", str(self.log))
        (self.bin / name).write_text(text.replace("{exit_code}", str(exit_code)))
        (self.bin / name).chmod(0o755)

    def run(self, script: str, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [str(self.project / "scripts" / script), *arguments],
            env={"PATH": str(self.bin), "HOME": str(self.home), "PYTHON_FOLDERS": "", **environment},
            cwd=self.home,
            capture_output=True,
            text=True,
            timeout=50,
        )

    @property
    def installs(self) -> int:
        return self.log.read_text().count("--editable") if self.log.exists() else 0


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


@pytest.mark.parametrize("script", [*(f"scripts/{name}" for name in SCRIPTS), ".ci/run"])
def test_a_script_is_executable_and_parses(script: str) -> None:
    assert os.access(ROOT / script, os.X_OK)
    subprocess.run(["bash", "-n", str(ROOT / script)], check=True, timeout=20)


def test_no_python_is_said_clearly(machine: Machine) -> None:
    done = machine.run("test")
    assert done.returncode == 1
    assert "No CPython >= 3.10 with venv and ensurepip was found" in done.stderr


def test_a_python_without_ensurepip_is_named_with_the_remedy(machine: Machine) -> None:
    machine.add_python("python3", source=BROKEN_PYTHON)
    done = machine.run("test")
    assert done.returncode == 1
    assert "python3: Python 3.11.2" in done.stderr
    assert "apt install python3 python3-venv" in done.stderr


def test_a_python_that_is_only_in_pyenv_is_found(machine: Machine) -> None:
    machine.add_python("python")
    folder = machine.home / ".pyenv" / "versions" / "3.12.1" / "bin"
    folder.mkdir(parents=True)
    shutil.move(machine.bin / "python", folder / "python")
    done = machine.run("test")
    assert (done.returncode, "pyenv/versions/3.12.1" in done.stderr) == (0, True), done.stderr


def test_the_second_run_installs_nothing_and_a_changed_pyproject_does(machine: Machine) -> None:
    machine.add_python("python3")
    first, second = machine.run("test"), machine.run("test", "-x")
    assert first.stderr.count("\n") == 2  # one line before, one after
    workers = min((os.cpu_count() or 2) + 1, 8)
    assert f"pytest of 3.12: -m pytest -n {workers} --dist loadgroup -x" in second.stdout
    assert (second.stderr, machine.installs) == ("", 1)
    (machine.project / "pyproject.toml").write_text("# other\n")
    assert machine.run("test").returncode == 0
    assert machine.installs == 2


def test_a_failed_installation_shows_its_end_and_is_tried_again(machine: Machine) -> None:
    machine.add_python(
        "python3", source=FAKE_PYTHON.replace('echo "$@" >>"{log}"', "echo no such package; exit 1")
    )
    for _ in range(2):
        done = machine.run("test")
        assert done.returncode == 1
        assert "no such package" in done.stderr
        assert "Installing failed" in done.stderr


def test_a_failing_suite_fails_the_script(machine: Machine) -> None:
    machine.add_python("python3", exit_code=3)
    assert machine.run("test").returncode == 3


def test_all_pythons_says_what_was_found_and_what_became_of_it(machine: Machine) -> None:
    machine.add_python("python3.10", "3.10")
    machine.add_python("python3.13", "3.13", exit_code=1)
    done = machine.run("test", "--all-pythons", "-k", "nothing")
    assert done.returncode == 1
    assert done.stdout.splitlines()[-5:] == [
        "3.10   passed, with Python 3.10.0",
        "3.11   not found here",
        "3.12   not found here",
        "3.13   FAILED (exit code 1), with Python 3.13.0",
        "3.14   not found here",
    ]
    assert "-k nothing" in done.stdout


def test_all_pythons_passes_where_every_found_one_does_and_fails_where_none_is(machine: Machine) -> None:
    assert machine.run("test", "--all-pythons").returncode == 1
    machine.add_python("python3.11", "3.11")
    assert machine.run("test", "--all-pythons").returncode == 0


REPORT = "report --output-format rich examples/flask_shop\n\n"


@pytest.mark.parametrize(
    ("arguments", "environment", "expected"),
    [
        ([], {}, f"{REPORT}serve --port 8000 {{project}}/examples/flask_shop"),
        ([], {"PORT": "9000"}, f"{REPORT}serve --port 9000 {{project}}/examples/flask_shop"),
        (["--port", "9001"], {}, f"{REPORT}serve --port 8000 {{project}}/examples/flask_shop --port 9001"),
        (["mine:app", "--reload"], {}, "serve --port 8000 mine:app --reload"),
    ],
)
@pytest.mark.parametrize("report_exit", [0, 2])
def test_run_reports_on_the_shop_and_serves_it_or_the_target(
    machine: Machine, arguments: list[str], environment: dict[str, str], expected: str, report_exit: int
) -> None:
    machine.add_python("python3")
    machine.run("docs")  # makes the environment; its fake Python then refuses the rest
    command = machine.project / ".venv" / "bin" / "wsgi-bridge"
    command.write_text(f'#!/bin/sh\necho "$@"\n[ "$1" = serve ] || exit {report_exit}\n')
    command.chmod(0o755)
    done = machine.run("run", *arguments, **environment)
    assert done.returncode == 0
    assert done.stdout.strip() == expected.format(project=machine.project), done.stderr


@pytest.mark.parametrize(
    ("check", "test", "expected"), [(0, 0, 0), (1, 0, 1), (0, 1, 1), (0, 5, 1), (1, 1, 1)], ids=str
)
def test_ci_runs_both_and_fails_if_either_does(tmp_path: Path, check: int, test: int, expected: int) -> None:
    for folder in ("scripts", ".ci"):
        (tmp_path / folder).mkdir()
    shutil.copy(ROOT / ".ci" / "run", tmp_path / ".ci" / "run")
    for name, code in (("check", check), ("test", test)):
        fake = tmp_path / "scripts" / name
        fake.write_text(f'#!/bin/sh\necho "{name} ran with CI=$CI"\nexit {code}\n')
        fake.chmod(0o755)
    done = subprocess.run(
        ["bash", str(tmp_path / ".ci" / "run")],
        cwd="/",
        env={"PATH": os.environ["PATH"]},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=20,
    )
    assert done.returncode == expected
    assert done.stdout == "check ran with CI=true\ntest ran with CI=true\n"
    assert (f"scripts/test failed (exit code {test})" in done.stderr) == bool(test)
