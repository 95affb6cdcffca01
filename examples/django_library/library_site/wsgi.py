"""What a WSGI server is pointed at. Serves its own static files, as intranet applications do."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "library_site.settings")
_django = get_wsgi_application()

# Both need the applications to be loaded, so they can't stand above.
from django.contrib.staticfiles.handlers import StaticFilesHandler  # noqa: E402 - see above

from library_site.first_start import first_start  # noqa: E402 - see above

first_start()
application = StaticFilesHandler(_django)
