"""What a WSGI server is pointed at: `wsgi:application`, the notes with a plain WSGI middleware around them."""

import os
import sys

# Legacy deployments put their own folder on the path, because the working directory is anyone's guess.
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from notes import main
from notes.middleware import BusyGate

application = BusyGate(main({}), places=16)
