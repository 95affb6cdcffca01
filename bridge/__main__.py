"""`python -m bridge` is the same command as `wsgi-bridge`."""

from __future__ import annotations

from bridge.cli.main import main

__all__: list[str] = []

if __name__ == "__main__":  # worker processes of some servers import this file again
    main()
