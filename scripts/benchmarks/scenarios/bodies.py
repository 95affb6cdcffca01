"""Large bodies, in and out: their time, their CPU and the memory they take at the peak.

Every round has a fresh server that has seen only small bodies, so the idle memory under the peak is honest: a
second upload would find the first one's buffers still there.
"""

from __future__ import annotations

import zlib

from scripts.benchmarks.apps.content import tally
from scripts.benchmarks.errors import WrongAnswerError
from scripts.benchmarks.load.transfer import Transfer, download, exchange, upload
from scripts.benchmarks.load.wire import body_of
from scripts.benchmarks.results import Metric
from scripts.benchmarks.scenarios.base import ALL, MIB, Figures, Scenario, Settings, cpu_figures
from scripts.benchmarks.server import Meter, serving
from scripts.benchmarks.targets import Target, ratio, value

__all__ = ["FILE", "UPLOAD"]

_METRICS = (
    Metric("ms", "time ms"),
    Metric("mib_per_second", "MiB/s", more_is_better=True),
    Metric("cpu_ms", "CPU ms"),
    Metric("peak_mib", "peak MiB over idle", 1),
)


def _check_upload(contender: str, settings: Settings) -> None:
    expected = tally(2 * MIB, zlib.crc32(bytes(range(256)) * 8192))
    with serving(contender, "upload", threads=settings.threads, place=settings.place) as server:
        _expect_answer(upload(server.port, "/?crc", 2 * MIB, limit=settings.limit), expected)


def _measure_upload(contender: str, settings: Settings) -> Figures:
    with serving(contender, "upload", threads=settings.threads, place=settings.place) as server:
        upload(server.port, "/", MIB, limit=settings.limit)
        meter = server.meter()
        transfer = upload(server.port, "/", settings.body, limit=settings.limit)
        figures = _figures(transfer, meter, settings.body)
    _expect_answer(transfer, tally(settings.body, None))
    return figures


def _check_file(contender: str, settings: Settings) -> None:
    with serving(contender, "file", threads=settings.threads, place=settings.place) as server:
        for name in ("small", "whole"):
            body = exchange(server.port, f"/?{name}", limit=settings.limit)[1]
            if body != (settings.files / f"{name}.bin").read_bytes():
                raise WrongAnswerError(f"{len(body)} bytes that are not those of {name}.bin")


def _measure_file(contender: str, settings: Settings) -> Figures:
    with serving(contender, "file", threads=settings.threads, place=settings.place) as server:
        download(server.port, "/?small", limit=settings.limit, keep=False)
        meter = server.meter()
        transfer = download(server.port, "/?whole", limit=settings.limit, keep=False)
        figures = _figures(transfer, meter, settings.body)
    if transfer.body_bytes != settings.body:
        raise WrongAnswerError(f"{transfer.body_bytes} bytes of file instead of {settings.body}")
    return figures


def _figures(transfer: Transfer, meter: Meter, size: int) -> Figures:
    cpu, peak = meter.cpu_seconds(), meter.peak_over_idle()
    return {
        "ms": transfer.seconds * 1000,
        "mib_per_second": size / MIB / transfer.seconds,
        **cpu_figures("cpu_ms", cpu, scale=1000),
        **({} if peak is None else {"peak_mib": peak / MIB}),
    }


def _expect_answer(transfer: Transfer, expected: bytes) -> None:
    if (transfer.status, body_of(transfer.kept)) != (200, expected):
        raise WrongAnswerError(f"upload answered with {transfer.kept[-80:]!r} instead of 200 {expected!r}")


UPLOAD = Scenario(
    name="upload",
    title="Upload of {mib} MiB, read by 64 KiB",
    contenders=ALL,
    metrics=_METRICS,
    targets=(
        Target("time <= 1.5 x native", ratio("ms", "wsgi-bridge", "native"), 1.5),
        Target("peak memory <= 16 MiB over idle", value("wsgi-bridge", "peak_mib"), 16.0, unit="MiB"),
    ),
    check=_check_upload,
    measure=_measure_upload,
)
FILE = Scenario(
    name="file",
    title="File of {mib} MiB through wsgi.file_wrapper",
    contenders=ALL,
    metrics=_METRICS,
    targets=(
        Target("time <= 1.2 x native loop of 64 KiB reads", ratio("ms", "wsgi-bridge", "native"), 1.2),
        Target("peak memory <= 16 MiB over idle", value("wsgi-bridge", "peak_mib"), 16.0, unit="MiB"),
    ),
    check=_check_file,
    measure=_measure_file,
)
