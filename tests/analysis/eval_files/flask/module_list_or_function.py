from flask import Flask

app = Flask(__name__, static_folder=None)


PARSERS = []


def upper(text):
    return text.upper()


class Settings:
    def __init__(self, given):
        self.parser = given or PARSERS  # who reads the class cannot tell which; calling it changes no list


settings = Settings(upper)


@app.get("/x")
def x():
    return settings.parser("a")
