"""What a WSGI server is pointed at: `wsgi:application` (or `wsgi:app`, for Flask's own command)."""

import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from chat import create_app

application = app = create_app()
