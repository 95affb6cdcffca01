"""What a WSGI server is pointed at: `wsgi:application` (or `wsgi:app`, for Flask's own command)."""

import os
import sys

# Legacy deployments put their own folder on the path, because the working directory is anyone's guess.
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from shop import create_app

application = app = create_app()
