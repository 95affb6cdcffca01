"""The command around the traced one: how it ends, what it says, what becomes of several processes."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.observe.trace.conftest import Trace


def test_a_commands_output_and_exit_code_are_passed_on(trace: Trace) -> None:
    done = trace(program="import sys\nprint('mine')\nsys.exit(3)\n")
    assert done.code == 3
    assert done.output == "mine\n"
    assert done.trace["exit_code"] == 3


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
def test_a_signal_ends_it_as_in_a_shell(trace: Trace) -> None:
    done = trace(program="import os, signal\nos.kill(os.getpid(), signal.SIGTERM)\n")
    assert done.code == 128 + signal.SIGTERM


def test_no_command_and_a_wrong_one_say_what_to_write(trace: Trace) -> None:
    assert "no command was given" in trace().said
    done = trace("no-such-program-here")
    assert done.code == 2
    assert "cannot start 'no-such-program-here': there is no such program." in done.said
    assert "Traceback" not in done.said
    assert done.trace == {}


def test_an_output_folder_that_is_missing_is_told_before_the_command_runs(
    trace: Trace, tmp_path: Path
) -> None:
    command = [sys.executable, "-m", "bridge", "trace", "-o", str(tmp_path / "no" / "t.json"), "--"]
    done = subprocess.run(
        [*command, sys.executable, "-c", "print('ran')"],
        capture_output=True,
        text=True,
        timeout=50,
        check=False,
    )
    assert done.returncode == 2
    assert "cannot be written" in done.stderr
    assert done.stdout == ""


def test_nothing_traced_and_nothing_served_are_told_apart(trace: Trace) -> None:
    isolated = trace(sys.executable, "-I", "-c", "print(1)")
    assert isolated.code == 0
    assert "nothing was traced" in isolated.said
    assert isolated.trace["processes"] == 0
    idle = trace(program="print(1)\n")
    assert "processes traced: 1, and none served a request" in idle.said


def test_processes_of_every_kind_are_merged(trace: Trace) -> None:
    done = trace(
        program="""
        import multiprocessing, os, subprocess, sys, time

        def work():
            time.sleep(0.001)

        if __name__ == "__main__":
            work()
            if len(sys.argv) == 1:
                child = multiprocessing.get_context("fork").Process(target=work)
                child.start()
                child.join()
                pid = os.fork()
                if pid == 0:
                    work()
                    os._exit(0)
                os.waitpid(pid, 0)
                subprocess.run([sys.executable, __file__, "again"], check=True)
        """,
        PYTHONWARNINGS="ignore",
    )
    assert done.code == 0, done.said
    counted = [call["count"] for call in done.trace["calls"] if call["sink"] == "time.sleep"]
    assert sum(counted) == 4
    assert done.trace["processes"] == 4


def test_a_sitecustomize_of_the_users_still_runs(trace: Trace, tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "sitecustomize.py").write_text("print('customized', __name__)\n", "utf-8")
    path = os.pathsep.join([str(Path(__file__).resolve().parents[3]), str(tmp_path / "mine")])
    done = trace(program="import sitecustomize; print(sitecustomize.__file__)\n", PYTHONPATH=path)
    file, ours, traced = sorted(
        done.output.splitlines()
    )  # of two processes, one of which may keep its line back
    assert ours == traced == "customized sitecustomize"
    assert "mine" in file
    assert done.trace["processes"] == 1


def test_a_thread_of_the_project_is_no_request(trace: Trace) -> None:
    done = trace(
        program="""
        import threading, time
        thread = threading.Thread(target=lambda: time.sleep(0.001))
        thread.start()
        thread.join()
        """
    )
    assert done.calls(phase="command")["time.sleep"] == 1
    assert done.calls(phase="startup")["threading.Thread.join"] == 1


def test_what_a_wrapper_stands_for_is_unchanged(trace: Trace) -> None:
    done = trace(
        program="""
        import inspect, pickle, subprocess, requests, smtplib, threading

        assert requests.get.__name__ == "get"
        assert "params" in inspect.signature(requests.get).parameters
        assert pickle.loads(pickle.dumps(requests.get)) is requests.get
        assert requests.get is requests.api.get
        assert issubclass(smtplib.SMTP_SSL, smtplib.SMTP)
        assert isinstance(subprocess.Popen(["true"]), subprocess.Popen)
        lock = threading.Lock()
        with lock:
            assert not lock.acquire(blocking=False)
        print("unchanged")
        """,
        PYTHONWARNINGS="ignore",
    )
    assert done.output == "unchanged\n", done.said


def test_workers_of_pytest_are_merged_and_failures_passed_on(trace: Trace, tmp_path: Path) -> None:
    (tmp_path / "shop.py").write_text(
        "import time, flask\n"
        "app = flask.Flask(__name__)\n"
        "@app.get('/item/<name>')\n"
        "def item(name):\n"
        "    time.sleep(0.001)\n"
        "    return name\n",
        "utf-8",
    )
    (tmp_path / "test_shop.py").write_text(
        "import pytest, shop\n"
        "@pytest.mark.parametrize('name', 'abcd')\n"
        "def test_item(name):\n"
        "    assert shop.app.test_client().get(f'/item/{name}').text == name\n"
        "def test_that_fails():\n"
        "    assert False\n",
        "utf-8",
    )
    done = trace(sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-n", "2", "test_shop.py")
    assert done.code == 1
    assert "1 failed, 4 passed" in done.output
    assert done.calls("GET /item/<name>") == {"time.sleep": 4}
    assert done.trace["processes"] == 3


@pytest.mark.skipif(sys.version_info < (3, 12), reason="before 3.12 calls of C code cannot be seen")
def test_locks_are_seen(trace: Trace) -> None:
    done = trace(program="import threading\nlock = threading.Lock()\nlock.acquire()\nlock.release()\n")
    assert done.calls(phase="startup")["threading.Lock.acquire"] == 1


@pytest.mark.skipif(sys.version_info < (3, 12), reason="before 3.12 calls of C code cannot be seen")
def test_a_mock_does_not_see_that_it_is_watched(trace: Trace) -> None:
    mock = "from unittest.mock import MagicMock, call\nmock = MagicMock()\nmock.waited('a')\n"
    done = trace(program=f"{mock}assert mock.mock_calls == [call.waited('a')], mock.mock_calls\n")
    assert done.code == 0, done.said


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
def test_interrupting_leaves_the_end_to_the_command_and_keeps_the_trace(tmp_path: Path) -> None:
    program = tmp_path / "program.py"
    program.write_text(
        "import sys, time\ntime.sleep(0.001)\n"
        "try:\n    print('ready', flush=True)\n    sys.stdin.read()\nexcept KeyboardInterrupt:\n    print('stopped', flush=True)\n    sys.exit(5)\n",
        "utf-8",
    )
    command = [sys.executable, "-m", "bridge", "trace", "-o", str(tmp_path / "t.json"), "--", sys.executable]
    with subprocess.Popen(
        [*command, str(program)],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parents[3])},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as running:
        assert running.stdout is not None
        assert running.stdout.readline() == "ready\n"
        os.killpg(running.pid, signal.SIGINT)
        output, _ = running.communicate(timeout=40)
    assert output == "stopped\n"
    assert running.returncode == 5
    trace = json.loads((tmp_path / "t.json").read_text("utf-8"))
    assert [call["sink"] for call in trace["calls"] if call["sink"] == "time.sleep"] == ["time.sleep"]
