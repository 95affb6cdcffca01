"""An exception from the user's own code, told as they need it: their line, not our traceback."""

from __future__ import annotations

import importlib
import os
import shlex
import sys
import sysconfig
import traceback
from collections.abc import Sequence
from pathlib import Path
from types import MappingProxyType

from bridge.cli.target_errors import ApplicationFailed

__all__ = ["application_failed", "run_python", "user_frames"]

OURS = str(Path(__file__).resolve().parents[1]) + os.sep
IMPORTLIB = str(Path(importlib.__file__).parent) + os.sep
LIBRARIES = tuple({sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib")})
# Import name -> distribution, where pip knows the package under another name.
DISTRIBUTIONS = MappingProxyType(
    {
        "MySQLdb": "mysqlclient",
        "PIL": "pillow",
        "bs4": "beautifulsoup4",
        "cv2": "opencv-python",
        "dateutil": "python-dateutil",
        "dotenv": "python-dotenv",
        "environ": "django-environ",
        "jose": "python-jose",
        "jwt": "pyjwt",
        "magic": "python-magic",
        "psycopg2": "psycopg2-binary",
        "rest_framework": "djangorestframework",
        "sklearn": "scikit-learn",
        "yaml": "pyyaml",
    }
)


def application_failed(doing: str, error: BaseException, *, reproduce: str, folder: str) -> ApplicationFailed:
    """Return the error to raise for `error`, which the user's code raised while `doing`.

    `reproduce` is a command that shows the same traceback in full, to be run in `folder`.
    """
    frames = user_frames(error)
    return ApplicationFailed(
        doing,
        _one_line(error),
        facts=_places(error, frames),
        advice=[
            *_advice(error, frames, folder),
            "The whole traceback:",
            f"  {_in_folder(folder)}{reproduce}",
        ],
    )


def run_python(statement: str) -> str:
    """Return the shell command that runs `statement` with this Python."""
    return f"{shlex.quote(sys.executable)} -c {shlex.quote(statement)}"


def _in_folder(folder: str) -> str:
    return "" if Path(folder) == Path.cwd() else f"cd {shlex.quote(folder)} && "


def _one_line(error: BaseException) -> str:
    lines = traceback.format_exception_only(type(error), error)
    text = lines[-1].strip().splitlines() or [type(error).__name__]
    return text[0] if len(text) == 1 else f"{text[0]} ..."


# ---------------------------------------------------------------- where


def user_frames(error: BaseException) -> list[traceback.FrameSummary]:
    """Return the frames below ours and the import machinery's, the innermost last."""
    frames = traceback.extract_tb(error.__traceback__)
    return [
        frame for frame in frames if not frame.filename.startswith((OURS, IMPORTLIB, "<frozen importlib"))
    ]


def _places(error: BaseException, frames: Sequence[traceback.FrameSummary]) -> list[tuple[str, str]]:
    if isinstance(error, SyntaxError) and error.filename and error.lineno:
        return [("in", _place(error.filename, error.lineno, (error.text or "").strip()))]
    if not frames:
        return []
    last = frames[-1]
    own = next((frame for frame in reversed(frames) if _is_own(frame.filename)), last)
    places = [("in", _place(own.filename, own.lineno, own.line))]
    if own is not last:
        places.append(("raised in", _place(last.filename, last.lineno, last.line)))
    return places


def _is_own(filename: str) -> bool:
    return not filename.startswith((*LIBRARIES, "<"))


def _place(filename: str, line: int | None, text: str | None) -> str:
    source = f"\n  {text}" if text else ""
    return f"{filename}, line {line}{source}"


# ---------------------------------------------------------------- what to do


def _advice(error: BaseException, frames: Sequence[traceback.FrameSummary], folder: str) -> list[str]:
    if isinstance(error, SystemExit):
        return [
            'Importing an application must not end the process: move this under `if __name__ == "__main__":`'
        ]
    if isinstance(error, ModuleNotFoundError) and error.name:
        return _missing_module(error.name, frames, folder)
    return []


def _missing_module(name: str, frames: Sequence[traceback.FrameSummary], folder: str) -> list[str]:
    top = name.partition(".")[0]
    for frame in reversed(frames):
        beside = Path(frame.filename).parent
        if str(beside) != folder and ((beside / f"{top}.py").is_file() or (beside / top).is_dir()):
            return [
                f"{top!r} stands beside {Path(frame.filename).name} in {beside}, which is not on sys.path:",
                f"  PYTHONPATH={shlex.quote(str(beside))} wsgi-bridge serve ...",
            ]
    return ["Install it into this environment:", f"  pip install {DISTRIBUTIONS.get(top, top)}"]
