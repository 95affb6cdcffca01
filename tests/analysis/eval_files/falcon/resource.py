import time

import falcon


class X:
    def on_get(self, request, response):
        response.text = "at once"  # ok

    def on_post(self, request, response):
        time.sleep(1)  # expect: WB101 time.sleep via POST /x
        response.text = "late"


app = falcon.App()
app.add_route("/x", X())
