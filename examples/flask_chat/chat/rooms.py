"""A room: who is in it, and the last things that were said."""

import contextlib
import json
import threading
import time
from collections import deque

from simple_websocket import ConnectionClosed

ROOMS = {
    "pier": "Whatever floats by",
    "toll-booth": "Money, and who owes it",
    "workshop": "Ropes, rivets and rust",
}
KEPT = 50  # messages


class Room:
    """Sends what one says to all."""

    def __init__(self, name, topic):
        self.name = name
        self.topic = topic
        self._lock = threading.Lock()  # handlers run beside each other, and send to each other's sockets
        self._history = deque(maxlen=KEPT)
        self._visitors = {}  # socket -> name

    def __len__(self):
        return len(self._visitors)

    @contextlib.contextmanager
    def visited(self, ws, name):
        """Be in the room; gives the function by which one speaks."""
        with self._lock:
            for message in self._history:
                ws.send(message)
            self._visitors[ws] = name
            self._tell(kind="came", who=name)
        try:
            yield lambda text: self._say(name, text)
        finally:
            with self._lock:
                self._visitors.pop(ws, None)
                self._tell(kind="went", who=name)

    def _say(self, name, text):
        with self._lock:
            self._history.append(self._tell(kind="said", who=name, text=text, at=time.strftime("%H:%M")))

    def _tell(self, **message):
        if message["kind"] != "said":
            message["visitors"] = sorted(self._visitors.values())
        text = json.dumps(message)
        for ws in list(self._visitors):
            try:
                ws.send(text)
            except ConnectionClosed:  # its own handler is about to hear that, too
                del self._visitors[ws]
        return text
