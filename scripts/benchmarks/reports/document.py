"""`migration_guide/performance.md`: the figures with the words around them, generated so that they cannot drift apart."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scripts.benchmarks.reports.markdown import head_list, scenario_section, target_table

if TYPE_CHECKING:
    from scripts.benchmarks.results import Report

__all__ = ["performance_page"]

_OPENING = """\
<!-- Written by `./scripts/bench --document`; change scripts/benchmarks/reports/document.py, not this page. -->

# Performance

What serving a WSGI application through the bridge costs, beside a native ASGI application that does the same,
beside the other bridges, and beside gunicorn's gthread worker. Measure it yourself:

```sh
./scripts/bench            # everything
./scripts/bench --quick    # a few minutes, to see that it runs
./scripts/bench --only hello --contenders native,wsgi-bridge,a2wsgi
./scripts/bench --check    # exit 1 when a target below is missed
```
"""

_MISSED = """\
## What is missed at hello world, and why

Where the application costs nothing, what the bridge does for a request is all there is, and some of it can't go.
Instructions of one call, in one process, without server and sockets (`valgrind --tool=callgrind`, CPython 3.11,
2026-11-23: they repeat, whatever else a machine does). In the servers of these tables 6,400 of them take a microsecond in the
greenlet lane, and 4,600 behind Migration.

| greenlet lane | instructions |
| --- | ---: |
| an environ as PEP 3333 wants it, 22 entries, from the scope | 22,200 |
| limits of the headers, one host, a length that is a number | 4,700 |
| objects of the exchange: call, response, outbox, body | 20,800 |
| a greenlet from the pool, a switch in, a switch out | 10,500 |
| places, statistics, what the watchdog looks at | 9,000 |
| the application, `start_response`, two messages, letting go of it all | 27,000 |
| the native application | 9,900 |

Three quarters of native leave some 41,000 instructions beside the native application's; the environ, its checks and
the switches take 37,400 of them, and they are the smaller part. In the thread lane the hop to a thread and back takes 5 to 10
us by itself, four fifths of native leave 5. Compiled by mypyc the same code is 3.5 us faster: not enough for the target,
so wheels for every platform were not worth it. Behind Flask or Django the same microseconds are a tenth of a request.

| Migration, 500 rules, a modern route | instructions |
| --- | ---: |
| a coroutine between server and application, as any ASGI middleware has | 1,900 |
| the rule of the request | 1,300 |
| the context that `run_legacy` finds its way by | 1,800 |
| status and latency: two clock readings, a look at each message, a count | 5,100 |

1.08 x native leaves 7,000 of these 10,100. The last row is what the guard, `migrate status` and the dashboard show; exact
counts were kept rather than one request in eight.
"""

_ELSEWHERE = """\
## On another machine

The same day on a slower machine of the same kind (native hello 27.6 us; `--rounds 3`, the scenarios of the greenlet lane and of
`Migration` only). What is a matter of memory more than of instructions comes out otherwise: with 9,900 greenlets at once
each switch copies a stack that no cache holds any more; gevent loses by it, too.

| scenario | target | there | above |
| --- | --- | ---: | ---: |
| hello | throughput of native; of a2wsgi | 0.60; 3.90 x | 0.61; 3.83 x |
| hello | greenlets: throughput of native; of a2wsgi | 0.57; 3.71 x | 0.57; 3.59 x |
| calling | time <= 1.3 x native | 1.50 x (**missed**; 1.35 and 1.46 in two more runs) | 0.92 x |
| calling | memory a request over native; requests/s of gevent | 15.1 KiB; 1.17 x | 15.3 KiB; 1.20 x |
| requests | requests/s of threads; of gevent | 10.5; 1.27 x | 11.0; 1.19 x |
| database | of what 50 connections allow | 0.93 x | 0.94 x |
| greenlets | requests/s of native | 1.01 x | 1.00 x |
| migration | CPU <= 1.08 x native; time | 1.05; 1.04 x (met) | 1.11; 1.12 x |
| rules | 500 rules add; 1,000 rules to 10 | 1.25 us; 1.03 x | 0.95 us; 0.98 x |
"""

_METHOD = """\
## How it was measured

- All contenders in one run, on one machine, each in a fresh server process in every round, one at a time. Rounds are
  interleaved (A B C, A B C) and the tables show medians; `spread` is half the distance between best and worst round.
- `greenlets` runs with the garbage collector as `wsgi-bridge serve --executor greenlet` sets it (`--gc-threshold`), all others
  as they come.
- Every contender's answer is compared with the expected bytes before anything is timed, and the sizes again after.
- Requests are counted by the client. CPU is the user and system time of the whole server process and its children,
  less what the same process uses idle, divided by those requests. On a busy machine it is the steadier figure.
- Peak memory is the highest resident size during the transfer over the resident size before it, on a server that has
  seen only small bodies so far.
- The server is held to one core and the load to another, where there are two. The GIL lets one thread run at a time
  anyway; free to move (`--no-pin`), every hand-over of it crosses cores, and whoever does many of them pays more.
- Clients, service and database share the load's core, so with thousands of requests at once native ASGI waits for
  them, too.
- asgiref runs with uvicorn's `reset_contextvars`: without it every second request of a kept-alive connection fails.
- asgiref runs every request in one thread, and hypercorn's wrapper in the event loop's default pool: neither can be
  told otherwise, so they run as they come. All others have the thread limit named below.
"""

_READING = """\
## Reading the tables

`hello` is the price of a request when the application costs nothing; `flask` and `django` show what remains of it
behind a framework. In `stream` blocks that pile up while a send is in flight are joined, in both lanes (in greenlets a
send is in flight until the event loop has had its turn), in `beats` none does, and the
age of a block at its arrival shows that it left at once. In `waiting` the threads are the limit, in `beside` there are
some to spare. `calling` is what the greenlet lane is for: all clients are connected and then ask at once, each
request calls a service that takes its time, and the memory is the peak over the idle server divided by them; there
and in `requests` the thread lane has fewer requests, as its rate is that of its threads. `database` is skipped where no
PostgreSQL answers. In `file` gunicorn calls sendfile(2), which uvicorn does not offer. `analysis` runs the report and
the linters on one tree (`--tree`): CPU is user and system time with all child processes, memory that of the largest
process. The linters and mypy look for something else; it is what they cost on the same lines that is compared.
"""


def performance_page(report: Report) -> str:
    """The whole page for this report."""
    parts = [
        _OPENING,
        "## Targets\n",
        target_table(report) + "\n",
        _MISSED,
        _ELSEWHERE,
        *(scenario_section(scenario) + "\n" for scenario in report.scenarios),
        _READING,
        _METHOD,
        "## Where\n",
        head_list(report) + "\n",
    ]
    return "\n".join(parts)
