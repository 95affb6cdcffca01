"""Requests that were made once, to be made again: read from files, recorded by `serve`, asked of two targets.

requests                        one recorded request
har access_log recording        the three kinds of file; reading tells them apart
recorder                        ASGI middleware that writes a recording
targets                         where requests are sent: an application in this process, or a URL
replay                          both targets are asked, and compared
"""

from __future__ import annotations

__all__: list[str] = []
