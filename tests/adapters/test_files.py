"""`wsgi.file_wrapper`: which files may be left to the server, and how long they are."""

from __future__ import annotations

import gzip
import io
import os
import tempfile
from pathlib import Path

import pytest

from bridge.adapters.files import FileWrapper, bytes_left, path_of_whole_file


@pytest.fixture
def path(tmp_path: Path) -> Path:
    file = tmp_path / "file.bin"
    file.write_bytes(b"0123456789")
    return file


def test_a_whole_file_is_known_by_its_absolute_path(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(path.parent)
    with open(path.name, "rb") as file:  # noqa: PTH123 - a relative name is the point
        assert path_of_whole_file(file) == str(path)
        assert bytes_left(file) == 10


def test_a_file_that_has_been_read_from_is_not_whole(path: Path) -> None:
    with path.open("rb") as file:
        file.seek(4)
        assert path_of_whole_file(file) is None
        assert bytes_left(file) == 6


def test_a_file_replaced_on_disk_is_not_what_was_opened(path: Path) -> None:
    with path.open("rb") as file:
        path.unlink()
        assert path_of_whole_file(file) is None
        path.write_bytes(b"9876543210")
        assert path_of_whole_file(file) is None
        assert bytes_left(file) == 10


def test_a_file_changed_on_disk_is_not_what_was_opened(path: Path) -> None:
    with path.open("rb") as file:
        before = os.fstat(file.fileno())
        found = path_of_whole_file(file)
        with path.open("ab") as writer:
            writer.write(b"more")
        assert found == str(path)
        assert os.fstat(file.fileno()).st_size != before.st_size
        assert bytes_left(file) == 14


def test_what_is_no_plain_file_is_read_here(path: Path) -> None:
    read, write = os.pipe()
    packed = path.with_suffix(".gz")
    packed.write_bytes(gzip.compress(b"x" * 1000))
    with os.fdopen(read, "rb") as pipe, os.fdopen(write, "wb"), gzip.open(packed) as unzipped:
        for filelike in (io.BytesIO(b"x"), pipe, unzipped, object()):
            assert path_of_whole_file(filelike) is None
            assert bytes_left(filelike) is None


def test_a_file_without_a_name_is_read_here() -> None:
    with tempfile.TemporaryFile() as file:
        file.write(b"12345")
        file.seek(0)
        assert path_of_whole_file(file) is None


def test_the_wrapper_iterates_in_blocks_and_closes() -> None:
    file = io.BytesIO(b"0123456789")
    wrapper = FileWrapper(file, 4)
    assert list(wrapper) == [b"0123", b"4567", b"89"]
    wrapper.close()
    assert file.closed


def test_the_wrapper_closes_only_what_can_be_closed() -> None:
    class Reader:
        def read(self, size: int) -> bytes:
            return b""

    wrapper = FileWrapper(Reader())
    assert list(wrapper) == []
    wrapper.close()
