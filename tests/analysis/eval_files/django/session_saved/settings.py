ROOT_URLCONF = "urls"
INSTALLED_APPS = ["django.contrib.contenttypes", "shop"]
MIDDLEWARE = ["django.contrib.sessions.middleware.SessionMiddleware"]  # expect: WB212 django.db.models.Model.save via ANY /x/; WB621 django.db.transaction.Atomic.__enter__ via ANY /x/
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": "a.db"}}
