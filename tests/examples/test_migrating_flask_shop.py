"""The example of a migration: its story is played, and its recorded traffic is answered alike."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.examples import live
from tests.examples.playing import commands_of_the_guide, commands_of_the_story, played

FOLDER = live.ROOT / "examples" / "migrating_flask_shop"

Filled = Callable[[str], Path]


def run(*words: str, instance: Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    return played(FOLDER, *words, variable="FLASK_SHOP_INSTANCE", instance=instance, cwd=cwd)


@pytest.mark.slow
def test_the_story_ends_with_modern_alone(filled_instance: Filled, tmp_path: Path) -> None:
    instance = filled_instance("flask_shop")
    done = run(str(FOLDER / "story.py"), instance=instance, cwd=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    chapters = re.split(r"^\d\. ", done.stdout, flags=re.MULTILINE)[1:]
    assert [chapter.split(" \u2500")[0] for chapter in chapters] == [
        *("Report", "Plan", "Lanes", "Shadow", "A real difference", "Repaired", "Canary", "Promote")
    ]
    assert all("proven" in chapter for chapter in chapters)
    assert "differs: $.stock" in chapters[3]
    assert "is not ready for modern alone" in chapters[4]
    assert "answered by legacy 0 times, by modern 20 times" in chapters[7]
    assert not list(tmp_path.iterdir()), "it leaves nothing behind"
    told = commands_of_the_guide("How a route of Flask moves")
    assert told == commands_of_the_story(done.stdout, instance)


def test_the_story_ends_at_the_first_proof_that_does_not_hold(
    filled_instance: Filled, tmp_path: Path
) -> None:
    """The first draft has no mistake that the shadow could bring to light."""
    code = (
        "import modern, story\n"
        "made = modern.create_app\n"
        "modern.create_app = lambda instance, first_draft=False: made(instance, first_draft=False)\n"
        "story.main()\n"
    )
    done = run("-c", code, instance=filled_instance("flask_shop"), cwd=tmp_path)
    assert done.returncode == 1, done.stdout + done.stderr
    assert "FAILED  it is named: $.stock" in done.stdout
    assert "Canary" not in done.stdout


def test_the_first_draft_s_mistake_is_found_by_replay(filled_instance: Filled, tmp_path: Path) -> None:
    instance = filled_instance("flask_shop")
    targets = [str(FOLDER.parent / "flask_shop"), f"modern:create_app({str(instance)!r}, first_draft=True)"]
    rules = ["--config", str(FOLDER / "migration.toml")]
    traffic = str(FOLDER / "traffic.jsonl")
    done = run("-m", "bridge", "replay", traffic, *targets, *rules, instance=instance, cwd=tmp_path)
    assert done.returncode == 1, done.stdout + done.stderr
    assert "  $.stock\n    - 0\n    + null\n" in done.stdout


def test_the_entry_point_serves_both(filled_instance: Filled, tmp_path: Path) -> None:
    code = (
        "import asyncio, app\n"
        "from tests.asgi_driver import AsgiCall, AsgiLifespan\n"
        "async def main():\n"
        "    async with AsgiLifespan(app.app):\n"
        "        for path in ('/product/bailey-kit/stock', '/pictures/drawbridge.svg', '/about'):\n"
        "            answer = await AsgiCall(app.app, path=path).run()\n"
        "            assert answer.status == 200, (path, answer)\n"
        "asyncio.run(main())\n"
    )
    done = run("-c", code.replace("import asyncio, app", "import tests.asgi_driver\nimport asyncio, app"), instance=filled_instance("flask_shop"), cwd=tmp_path)  # fmt: skip
    assert done.returncode == 0, done.stderr
