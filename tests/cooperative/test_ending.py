"""The end of a process that never takes the layer back, as every server's is."""

from __future__ import annotations

import subprocess
import sys

from tests.markdown import ROOT

PROGRAM = """
import os, threading, time
from bridge.cooperative import install
install()

class Finalized:
    def __init__(self):
        self.lock, self.local, self.me = threading.RLock(), threading.local(), self

    def __del__(self, write=os.write, sleep=time.sleep):
        with self.lock:
            self.local.value = b"finalized"
            sleep(0)
            write(1, self.local.value)

kept = Finalized()
"""


def test_what_ends_with_the_interpreter_may_still_lock_and_wait() -> None:
    done = subprocess.run([sys.executable, "-c", PROGRAM], cwd=ROOT, capture_output=True, timeout=30)
    assert (done.stdout, done.stderr, done.returncode) == (b"finalized", b"", 0)
