from __future__ import annotations

import os
import sys

import pytest

from bridge.cli.importing import call_user_code, import_location, on_search_path
from bridge.cli.target import locate
from bridge.cli.target_errors import ApplicationFailed, ModuleMissing
from tests.cli.conftest import Project

pytestmark = pytest.mark.usefixtures("import_system")


def test_on_search_path_puts_folders_first_each_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "path", ["/a", "/b", "/c"])
    on_search_path(("/c", "/new"))
    assert sys.path == ["/c", "/new", "/a", "/b"]


def test_import_location_leaves_the_folder_on_the_path_for_imports_at_request_time(project: Project) -> None:
    folder = str(project({"import_one.py": ""}))
    import_location(locate("import_one", folder))
    assert sys.path[0] == folder


def test_a_dot_in_the_place_of_the_colon_is_recognised(project: Project) -> None:
    folder = str(project({"import_two.py": "app = 1\n"}))
    with pytest.raises(ModuleMissing) as caught:
        import_location(locate("import_two.app", folder))
    assert caught.value.suggestions == ("import_two:app",)


def test_a_submodule_that_is_missing_is_missing(project: Project) -> None:
    folder = str(project({"import_three/__init__.py": ""}))
    with pytest.raises(ModuleMissing) as caught:
        import_location(locate("import_three.web", folder))
    assert (caught.value.module, caught.value.suggestions) == ("import_three.web", ())


def test_a_submodule_that_is_missing_offers_the_nearest(project: Project) -> None:
    folder = str(project({"import_three/__init__.py": "", "import_three/wsgi.py": ""}))
    with pytest.raises(ModuleMissing) as caught:
        import_location(locate("import_three.wsgii", folder))
    assert caught.value.suggestions == ("import_three.wsgi",)


def test_a_module_of_the_same_name_that_the_application_lacks_is_the_application_s_error(
    project: Project,
) -> None:
    """The name alone does not tell: what counts is who asked for it."""
    folder = str(project({"import_four/__init__.py": "import import_four.web\n"}))
    with pytest.raises(ApplicationFailed, match=r"No module named 'import_four\.web'"):
        import_location(locate("import_four.web", folder))


def test_app_run_at_module_level_does_not_block(project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    source = "from flask import Flask\napp = Flask(__name__)\napp.run(port=1)\n"
    module = import_location(locate("import_five", str(project({"import_five.py": source}))))
    assert module.app.name == "import_five"
    assert "Ignoring a call to 'app.run()'" in capsys.readouterr().out


@pytest.mark.parametrize("before", [None, "false"])
def test_the_variable_that_stops_app_run_is_as_before_afterwards(
    project: Project, monkeypatch: pytest.MonkeyPatch, before: str | None
) -> None:
    if before is not None:
        monkeypatch.setenv("FLASK_RUN_FROM_CLI", before)
    import_location(locate("import_six", str(project({"import_six.py": ""}))))
    assert os.environ.get("FLASK_RUN_FROM_CLI") == before


def test_a_keyboard_interrupt_is_not_the_application_s_error(project: Project) -> None:
    folder = str(project({"import_seven.py": "raise KeyboardInterrupt\n"}))
    with pytest.raises(KeyboardInterrupt):
        import_location(locate("import_seven", folder))


def test_call_user_code_returns_what_the_call_does() -> None:
    assert call_user_code(lambda: 5, "calling five", reproduce="five", folder="/") == 5


def test_call_user_code_turns_an_exit_into_an_error() -> None:
    with pytest.raises(ApplicationFailed) as caught:
        call_user_code(
            lambda: sys.exit("no config"), "calling make()", reproduce="python make.py", folder="/srv"
        )
    assert caught.value.summary == "calling make() raised SystemExit: no config"
    assert caught.value.advice[-2:] == ("The whole traceback:", "  cd /srv && python make.py")


def test_call_user_code_lets_a_keyboard_interrupt_through() -> None:
    def interrupted() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        call_user_code(interrupted, "calling", reproduce="", folder="/")
