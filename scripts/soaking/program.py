"""The command line of scripts/soak."""

from __future__ import annotations

import argparse
import math

from scripts.soaking.sampling import soak
from scripts.soaking.verdict import faults, report
from tests.faults.uvicorn_server import PROTOCOLS

__all__ = ["main"]


def main(arguments: list[str] | None = None) -> int:
    """Soak each protocol and print the figures; return 1 if anything is wrong, 0 otherwise."""
    parser = argparse.ArgumentParser(prog="scripts/soak", description=__doc__)
    parser.add_argument("--seconds", type=float, default=120.0, help="for each protocol (120)")
    parser.add_argument("--clients", type=int, default=16, help="at the same time (16)")
    parser.add_argument("--http", choices=PROTOCOLS, action="append", help="uvicorn's protocol (each)")
    parser.add_argument("--seed", type=int, default=1, help="the same seed, the same requests (1)")
    parser.add_argument("--executor", choices=("thread", "greenlet"), default="thread", help="lane (thread)")
    parser.add_argument(
        "--requests",
        type=float,
        default=math.inf,
        help="end after so many, if they are made in time (no limit)",
    )
    options = parser.parse_args(arguments)
    wrong = 0
    for http in options.http or PROTOCOLS:
        samples = soak(
            http,
            seconds=options.seconds,
            clients=options.clients,
            seed=options.seed,
            requests=options.requests,
            executor=options.executor,
        )
        found = faults(samples)
        wrong += len(found)
        print(f"== uvicorn, {http}, {PROTOCOLS[http]}, {options.executor} lane ==\n{report(samples)}")
        print("\n".join(f"FAULT: {fault}" for fault in found) or "as it was", flush=True)
    return 1 if wrong else 0
