"""A request that reads or writes a file.

## What it does

Finds `open` and `read`, `write`, `readlines` of what it returns, `pathlib.Path.read_text` and its kin, and
`os.open`, `os.read`, `os.write`.

## Why it blocks

A local disk answers in a fraction of a millisecond, a network share in seconds, and no operating system tells
in advance. File calls wait inside C: greenlets cannot yield there, so they go to a thread.

## Example

    def terms(request):
        with open("terms.txt") as file:
            return file.read()

## Use instead

    import anyio

    async def terms(request):
        return await anyio.Path("terms.txt").read_text()

## References

- https://anyio.readthedocs.io/en/stable/fileio.html
- https://docs.python.org/3/library/functions.html#open
"""

from __future__ import annotations

from bridge.analysis.model import Category, Severity
from bridge.analysis.rules.base import Rule

__all__ = ["RULE"]

RULE = Rule(
    code="WB301",
    name="file",
    message="{sink} waits for a file system",
    severity=Severity.WARNING,
    sinks=(
        "builtins.open",
        "io.open",
        "io.open_code",
        "io.FileIO",
        "io.BufferedReader",
        "io.BufferedWriter",
        "io.BufferedRandom",
        "io.TextIOWrapper",
        "io.StringIO",
        "codecs.open",
        "os.open",
        "os.fdopen",
        "os.read",
        "os.write",
        "os.fsync",
        "os.sendfile",
        "pathlib.Path.open",
        "pathlib.Path.read_text",
        "pathlib.Path.read_bytes",
        "pathlib.Path.write_text",
        "pathlib.Path.write_bytes",
        "mmap",
        "fileinput",
        "linecache",
        "csv",
        "PIL.Image.open",  # the header alone is read
        "shelve",
        "dbm",
        "configparser",
        "toml",
        "tomli",
        "tomllib",
        "aiofiles",
        "pickle.load",
        "json.load",
        "yaml.load",
        "flask.Flask.open_resource",
        "openpyxl",
        "xlrd",
        "xlsxwriter",
        "xlwt",
        "docx",
        "pptx",
        "h5py",
        "netCDF4",
        "pkgutil.get_data",
        "importlib.resources",
    ),
    categories=(Category.FILE,),
)
