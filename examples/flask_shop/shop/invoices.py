"""Invoices: a separate program writes each PDF, once, while the customer waits."""

import json
import os
import subprocess
import sys
import threading

from . import settings
from .money import money

_making = threading.Lock()  # one PDF at a time in each process
TIMEOUT = 20.0  # seconds


def invoice_path(order):
    """The path of the order's PDF, which is made if it is not there yet."""
    path = os.path.join(settings.INVOICES, order.number + ".pdf")
    with _making:
        if not os.path.exists(path):
            _run_tool(path, {"title": "Invoice " + order.number, "lines": _lines(order)})
    return path


def _run_tool(path, content):
    tool = os.path.join(settings.HERE, "invoice_tool.py")
    unfinished = "%s.%d" % (path, os.getpid())
    command = [sys.executable, tool, unfinished]
    subprocess.run(command, input=json.dumps(content).encode(), check=True, timeout=TIMEOUT)
    os.replace(unfinished, path)


def _lines(order):
    rows = ["Sold to:  " + order.user.name, "          " + order.address + ", " + order.postcode]
    rows += ["Date:     " + order.placed.strftime("%d %B %Y"), ""]
    for line in order.lines:
        rows.append(
            "%3d  %-40s %12s" % (line.quantity, line.product.name[:40], money(line.cents * line.quantity))
        )
    rows += ["     %-40s %12s" % ("Shipping by " + order.carrier, money(order.shipping_cents)), ""]
    return [*rows, "     %-40s %12s" % ("Total", money(order.total_cents))]
