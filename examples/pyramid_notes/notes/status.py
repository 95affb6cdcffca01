"""How the notebook is doing."""

import os
import shutil
import socket
import time

from pyramid.view import view_config

from . import settings, store

TRIES = 3
PAUSE = 0.1  # seconds
TIMEOUT = 1.0  # seconds


@view_config(route_name="status", renderer="json", permission="read")
def status(request):
    """For the monitoring: a shell command, a socket and the disk, on every call."""
    return {
        "host": _host_name(),
        "backup": _backup_answers(),
        "free": shutil.disk_usage(settings.INSTANCE).free,
        "notes": len(store.all_notes()),
    }


def _host_name():
    with os.popen("hostname") as pipe:
        return pipe.read().strip() or "unknown"


def _backup_answers():
    """Whether the backup machine takes connections: asks three times, with naps."""
    for _ in range(TRIES):
        if _can_connect():
            return True
        time.sleep(PAUSE)
    return False


def _can_connect():
    address = (settings.BACKUP_HOST, settings.BACKUP_PORT)
    try:
        with socket.create_connection(address, timeout=TIMEOUT):
            return True
    except OSError:
        return False
