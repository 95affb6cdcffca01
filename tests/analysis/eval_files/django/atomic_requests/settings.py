ROOT_URLCONF = "urls"
INSTALLED_APPS = ["django.contrib.contenttypes", "shop"]
MIDDLEWARE = []
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": "a.db", "ATOMIC_REQUESTS": True}}  # expect: WB620 django.conf.settings.ATOMIC_REQUESTS via ANY /x/
