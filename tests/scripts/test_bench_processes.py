from __future__ import annotations

import mmap
import os
import subprocess
import sys

import pytest

from scripts.benchmarks import processes
from scripts.benchmarks.processes import descendants, field_kib, parent_of

linux = pytest.mark.skipif(not processes.AVAILABLE, reason="reads Linux's /proc")


def test_the_parent_is_found_behind_any_process_name() -> None:
    assert parent_of("17 (a) b (c) S 42 17 17 0 -1") == 42


def test_a_field_of_status_is_read() -> None:
    assert field_kib("Name:\tx\nVmHWM:\t    1668 kB\nVmRSS:\t 12 kB\n", "VmRSS") == 12


def test_a_zombie_has_no_memory_and_says_so() -> None:
    with pytest.raises(ValueError, match="has ended"):
        field_kib("Name:\tx\nState:\tZ (zombie)\n", "VmRSS")


@linux
def test_the_cpu_clock_of_a_process_advances_with_its_work() -> None:
    before = processes.cpu_seconds([os.getpid()])
    sum(range(200_000))
    assert processes.cpu_seconds([os.getpid()]) > before


@linux
def test_a_grandchild_is_a_descendant_and_a_stranger_is_not() -> None:
    code = "import subprocess, sys; subprocess.run([sys.executable, '-c', 'print(1, flush=True); input()'])"
    with subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == b"1\n"
        found = descendants(child.pid)
        child.communicate(b"\n")
    assert found[0] == child.pid
    assert len(found) == 2
    assert os.getpid() not in found


def fresh_pages() -> mmap.mmap:
    """32 MiB that are really there; not from the heap, which may have as much left over from other tests."""
    pages = mmap.mmap(-1, 32 << 20)
    pages.write(os.urandom(1 << 20) * 32)
    return pages


@linux
def test_the_peak_is_that_since_the_reset() -> None:
    held = fresh_pages()
    pids = [os.getpid()]
    processes.reset_peak(pids)
    resident = processes.resident_bytes(pids)
    assert processes.peak_bytes(pids) - resident < 8 << 20
    more = fresh_pages()
    del held, more
    assert processes.peak_bytes(pids) - resident > 24 << 20
