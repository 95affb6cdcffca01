"""The findings of an earlier state of the code, by git: `check --diff REV`.

The files of the revision are taken out of git into a temporary folder and analysed there; the work tree, the index
and the branches are not touched.
"""

from __future__ import annotations

import subprocess
import tarfile
import tempfile
from io import BytesIO
from pathlib import Path, PurePosixPath

from bridge.analysis.analyse import analysed
from bridge.analysis.cache import FOLDER, FactsCache
from bridge.analysis.configuration import Configuration
from bridge.cli.errors import CommandError

__all__ = ["findings_at"]

GIT_TIMEOUT = 60.0  # seconds


class GitFailed(CommandError):
    """Git could not give the revision."""

    def __init__(self, revision: str, folder: Path, said: str) -> None:
        super().__init__(
            f"the revision {revision!r} cannot be compared with.",
            facts=[("folder", str(folder)), ("git", said or "said nothing")],
            advice=[
                "Name a commit, branch or tag that this repository has:",
                "  wsgi-bridge check --diff origin/main",
            ],
        )
        self.revision = revision


def findings_at(
    revision: str, root: Path, configuration: Configuration, *, workers: int, cache: bool
) -> frozenset[str]:
    """Return the fingerprints of all findings of `root` as it was at `revision`; none where it was not there yet."""
    folder = (root if root.is_dir() else root.parent).resolve()
    commit = _git(
        revision, folder, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}"
    )
    prefix = _git(revision, folder, "rev-parse", "--show-prefix")
    tree = _git(revision, folder, "rev-parse", "--verify", "--quiet", f"{commit}:{prefix}", or_nothing=True)
    if not tree:
        return frozenset()
    # From the top, because in a subfolder `archive` looks for that subfolder in whatever it is given.
    top = Path(_git(revision, folder, "rev-parse", "--show-toplevel"))
    content = _run(revision, top, "archive", "--format=tar", tree).stdout
    facts = FactsCache(folder / FOLDER) if cache else None
    with tempfile.TemporaryDirectory(prefix="wsgi-bridge-") as temporary:
        _extract(content, Path(temporary))
        before = Path(temporary, root.name) if root.is_file() else Path(temporary)
        if not before.exists():
            return frozenset()
        report = analysed(before, configuration, cache=facts, workers=workers).report
    return frozenset(each.fingerprint for each in report.findings)


def _git(revision: str, folder: Path, *arguments: str, or_nothing: bool = False) -> str:
    """Return what git prints, without its last line break; "" where it fails and that is `or_nothing`."""
    done = _run(revision, folder, *arguments)
    if done.returncode and not or_nothing:
        said = done.stderr.decode("utf-8", "replace").strip()
        raise GitFailed(revision, folder, said or "there is no such commit")
    return "" if done.returncode else done.stdout.decode("utf-8", "surrogateescape").rstrip("\n")


def _run(revision: str, folder: Path, *arguments: str) -> subprocess.CompletedProcess[bytes]:
    command = ["git", "-C", str(folder), *arguments]
    try:
        return subprocess.run(command, capture_output=True, check=False, timeout=GIT_TIMEOUT)  # noqa: S603 - git, by list
    except FileNotFoundError:
        raise GitFailed(revision, folder, "it is not installed") from None
    except subprocess.TimeoutExpired:
        raise GitFailed(revision, folder, f"it took more than {GIT_TIMEOUT:g} seconds") from None


def _extract(content: bytes, target: Path) -> None:
    """Write the regular files; links and what leads out of the folder are left out."""
    with tarfile.open(fileobj=BytesIO(content)) as archive:
        for member in archive:
            path = PurePosixPath(member.name)
            source = archive.extractfile(member) if member.isfile() else None
            if source is not None and not path.is_absolute() and ".." not in path.parts:
                place = target / path
                place.parent.mkdir(parents=True, exist_ok=True)
                place.write_bytes(source.read())
