from __future__ import annotations

import sys
from pathlib import Path

import pytest

from bridge.cli.importing import import_location
from bridge.cli.target import locate
from bridge.cli.target_errors import ApplicationFailed
from tests.cli.conftest import Project

pytestmark = pytest.mark.usefixtures("import_system")


def failed(folder: Path, target: str) -> ApplicationFailed:
    with pytest.raises(ApplicationFailed) as caught:
        import_location(locate(target, str(folder)))
    return caught.value


def test_the_last_line_of_the_user_s_own_is_shown(project: Project) -> None:
    folder = project({"failing_one.py": "import failing_models\n", "failing_models.py": "\n\nx = 1 / 0\n"})
    error = failed(folder, "failing_one")
    assert error.summary == "importing failing_one raised ZeroDivisionError: division by zero"
    assert error.facts == (("in", f"{folder}/failing_models.py, line 3\n  x = 1 / 0"),)


def test_a_line_of_a_library_is_shown_after_the_user_s_own(project: Project) -> None:
    folder = project({"failing_two.py": "import json\nconfig = json.loads('{')\n"})
    error = failed(folder, "failing_two")
    assert error.facts[0] == ("in", f"{folder}/failing_two.py, line 2\n  config = json.loads('{{')")
    name, value = error.facts[1]
    assert name == "raised in"
    assert value.startswith(sys.modules["json.decoder"].__file__ or "")


def test_a_syntax_error_is_shown_where_it_is(project: Project) -> None:
    folder = project(
        {"failing_three.py": "import failing_syntax\n", "failing_syntax.py": "def f(:\n    pass\n"}
    )
    error = failed(folder, "failing_three")
    assert error.summary == "importing failing_three raised SyntaxError: invalid syntax"
    assert error.facts == (("in", f"{folder}/failing_syntax.py, line 1\n  def f(:"),)


def test_a_message_of_several_lines_is_cut_to_its_first(project: Project) -> None:
    folder = project({"failing_four.py": "raise RuntimeError('one\\ntwo')\n"})
    assert failed(folder, "failing_four").summary == "importing failing_four raised RuntimeError: one ..."


@pytest.mark.parametrize(
    ("module", "package"),
    [("no_such_package", "no_such_package"), ("yaml_x.y", "yaml_x"), ("MySQLdb", "mysqlclient")],
)
def test_a_missing_package_is_offered_under_the_name_that_pip_knows(
    project: Project, module: str, package: str
) -> None:
    folder = project({"failing_five.py": f"import {module}\n"})
    error = failed(folder, "failing_five")
    assert error.advice[:2] == ("Install it into this environment:", f"  pip install {package}")


def test_a_missing_module_that_stands_beside_the_importing_file_is_a_matter_of_the_path(
    project: Project,
) -> None:
    folder = project(
        {
            "failing_site/__init__.py": "",
            "failing_site/web.py": "import failing_views\n",
            "failing_site/failing_views.py": "",
        }
    )
    error = failed(folder, "failing_site.web")
    assert error.advice[:2] == (
        f"'failing_views' stands beside web.py in {folder}/failing_site, which is not on sys.path:",
        f"  PYTHONPATH={folder}/failing_site wsgi-bridge serve ...",
    )


def test_an_exit_at_import_says_where_such_code_belongs(project: Project) -> None:
    folder = project({"failing_six.py": "import sys\nsys.exit(3)\n"})
    error = failed(folder, "failing_six")
    assert error.summary == "importing failing_six raised SystemExit: 3"
    assert error.facts == (("in", f"{folder}/failing_six.py, line 2\n  sys.exit(3)"),)
    assert error.advice[0].endswith('move this under `if __name__ == "__main__":`')


def test_the_command_that_shows_the_whole_traceback_runs(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = project({"failing_seven.py": "1 / 0\n"})
    there = failed(folder, "failing_seven").advice[-1]
    assert there == f"  cd {folder} && {sys.executable} -c 'import failing_seven'"
    monkeypatch.chdir(folder)
    assert failed(folder, "failing_seven").advice[-1] == f"  {sys.executable} -c 'import failing_seven'"


def test_a_file_that_cannot_be_imported_by_name_is_run_for_its_traceback(project: Project) -> None:
    folder = project({"failing-eight.py": "1 / 0\n"})
    command = failed(folder, "failing-eight.py").advice[-1]
    assert f"runpy.run_path('\"'\"'{folder}/failing-eight.py'\"'\"')" in command
