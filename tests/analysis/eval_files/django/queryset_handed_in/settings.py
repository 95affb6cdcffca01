ROOT_URLCONF = "urls"
INSTALLED_APPS = ["django.contrib.contenttypes", "shop"]
MIDDLEWARE = []
TEMPLATES = [{"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True}]
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": "a.db"}}
