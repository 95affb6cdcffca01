"""Settings of the Riverside Library. One module for everything, as it has always been."""

import os
from pathlib import Path

BASE_DIR = Path(__file__).resolve().parent.parent
INSTANCE = Path(os.environ.get("DJANGO_LIBRARY_INSTANCE", BASE_DIR / "instance")).resolve()
COVERS = INSTANCE / "covers"
OUTBOX = INSTANCE / "outbox"
CLOSED_FLAG = INSTANCE / "closed.txt"  # while this file exists, the library is closed

# Folders made at import, for whoever imports the settings.
for folder in (COVERS, OUTBOX):
    folder.mkdir(parents=True, exist_ok=True)

# In the repository for all to see, because this is a demonstration.
SECRET_KEY = os.environ.get("DJANGO_LIBRARY_SECRET", "not-a-secret-and-not-for-production")
DEBUG = os.environ.get("DJANGO_LIBRARY_DEBUG", "") == "1"
ALLOWED_HOSTS = ["*"]

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "catalogue",
    "lending",
]

MIDDLEWARE = [
    "library_site.middleware.AccessLogMiddleware",
    "library_site.middleware.closed_for_inventory",
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "library_site.middleware.CurrentReaderMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django.middleware.http.ConditionalGetMiddleware",
]

ROOT_URLCONF = "library_site.urls"
WSGI_APPLICATION = "library_site.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "catalogue.context_processors.shelves",
                "lending.context_processors.open_loans",
            ],
        },
    },
]

DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": INSTANCE / "library.sqlite3",
        "ATOMIC_REQUESTS": True,
        "CONN_MAX_AGE": 60,  # seconds: every thread keeps a connection of its own
        "OPTIONS": {"timeout": 20},  # seconds to wait for another writer
    }
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

LOGIN_REDIRECT_URL = "books"
LOGOUT_REDIRECT_URL = "books"
USE_TZ = True
TIME_ZONE = "UTC"
LANGUAGE_CODE = "en-gb"

STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
MEDIA_URL = "/media/"
MEDIA_ROOT = INSTANCE / "media"

EMAIL_HOST = "127.0.0.1"
EMAIL_PORT = int(os.environ.get("DJANGO_LIBRARY_MAIL_PORT", "1025"))  # nobody listens there, as a rule
EMAIL_TIMEOUT = 2  # seconds
DEFAULT_FROM_EMAIL = "desk@library.example"

# Other libraries' catalogue, asked when all our copies are out. Port 9 refuses at once.
UNION_CATALOGUE = os.environ.get("DJANGO_LIBRARY_UNION", "http://127.0.0.1:9")

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(name)s %(message)s"}},
    "handlers": {
        "file": {
            "class": "logging.handlers.RotatingFileHandler",
            "filename": str(INSTANCE / "library.log"),
            "maxBytes": 1_000_000,
            "backupCount": 2,
            "delay": True,
            "formatter": "line",
        }
    },
    "loggers": {"library": {"handlers": ["file"], "level": "INFO"}},
}
