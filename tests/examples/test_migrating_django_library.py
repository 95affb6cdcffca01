"""The example of a migration from Django: its story is played, and its entry point serves both sides."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.examples import live
from tests.examples.playing import commands_of_the_guide, commands_of_the_story, played

FOLDER = live.ROOT / "examples" / "migrating_django_library"

Filled = Callable[[str], Path]


@pytest.fixture
def instance(filled_instance: Filled, tmp_path: Path) -> Path:
    """Return a copy: the story makes sessions, and a reader whose account is closed."""
    return Path(shutil.copytree(filled_instance("django_library"), tmp_path / "instance"))


def run(*words: str, instance: Path) -> subprocess.CompletedProcess[str]:
    cwd = instance.parent / "elsewhere"
    cwd.mkdir()
    return played(FOLDER, *words, variable="DJANGO_LIBRARY_INSTANCE", instance=instance, cwd=cwd)


@pytest.mark.slow
def test_the_story_ends_with_modern_alone(instance: Path) -> None:
    done = run(str(FOLDER / "story.py"), instance=instance)
    assert done.returncode == 0, done.stdout + done.stderr
    chapters = re.split(r"^\d\. ", done.stdout, flags=re.MULTILINE)[1:]
    assert [chapter.split(" \u2500")[0] for chapter in chapters] == [
        *("Report", "Plan", "Lanes", "Shadow", "A real difference", "Repaired", "Canary", "Promote")
    ]
    assert all("proven" in chapter for chapter in chapters)
    assert "6 requests replayed, 0 answered differently" in chapters[5]
    assert "a stranger is asked to log in" in chapters[7]
    told = commands_of_the_guide("How a route of Django moves")
    assert told == commands_of_the_story(done.stdout, instance)


def test_the_entry_point_serves_both_and_replay_finds_the_login_in_django(instance: Path) -> None:
    code = (
        "import asyncio, app\n"
        "from tests.asgi_driver import AsgiCall, AsgiLifespan\n"
        "async def main():\n"
        "    async with AsgiLifespan(app.app):\n"
        "        assert (await AsgiCall(app.app, path='/authors/').run()).status == 200\n"
        "    moved = app.moved()\n"
        "    async with AsgiLifespan(moved):\n"
        "        for path, status in {'/today.json': 200, '/catalogue.csv': 200}.items():\n"
        "            answer = await AsgiCall(moved, path=path).run()\n"
        "            assert answer.status == status, (path, answer)\n"
        "            assert answer.header(b'server-timing') is None, 'that is Django'\n"
        "        stranger = await AsgiCall(moved, path='/my/reading-list.txt').run()\n"
        "        assert stranger.header(b'location') == b'/accounts/login/?next=/my/reading-list.txt'\n"
        "asyncio.run(main())\n"
    )
    done = run("-c", code, instance=instance)
    assert done.returncode == 0, done.stderr
