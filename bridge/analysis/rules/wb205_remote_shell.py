"""A request that moves files or runs commands on another machine.

## What it does

Finds ftplib, paramiko, fabric, pysftp and netmiko.

## Why it blocks

Handshake, login and transfer are many round trips, and the thread waits through all of them.

## Example

    import paramiko

    def upload(path):
        client = paramiko.SSHClient()
        client.connect("files.example")
        client.open_sftp().put(path, "/in/" + path)

## Use instead

    import asyncssh

    async def upload(path):
        async with asyncssh.connect("files.example") as connection:
            async with connection.start_sftp_client() as sftp:
                await sftp.put(path, "/in/" + path)

## References

- https://asyncssh.readthedocs.io/
- https://docs.python.org/3/library/ftplib.html
"""

from __future__ import annotations

from bridge.analysis.rules.base import Rule

__all__ = ["RULE"]

RULE = Rule(
    code="WB205",
    name="remote-shell",
    message="{sink} works on another machine and waits for it",
    effort=3,
    sinks=(
        "ftplib",
        "paramiko",
        "fabric",
        "pysftp",
        "netmiko",
        "scp",
        "sshtunnel",
        "smbclient",
        "smb",
        "smbprotocol",
        "webdav3",
    ),
)
