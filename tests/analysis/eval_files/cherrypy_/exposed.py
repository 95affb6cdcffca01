import time

import cherrypy


class Root:
    @cherrypy.expose
    def index(self):
        time.sleep(1)  # expect: WB101 time.sleep via ANY /
        return "late"


if __name__ == "__main__":
    cherrypy.quickstart(Root())
