"""The command line: `wsgi-bridge VERB ...` and `python -m bridge VERB ...`, one file a verb.

`main.py` knows the verbs by name only and imports one when it is called, so `--help` stays fast.
"""

from __future__ import annotations

__all__: list[str] = []
