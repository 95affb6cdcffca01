def application(environ, start_response):
    body = environ["wsgi.input"].read()  # expect: WB631 wsgi.input via ANY /
    start_response("200 OK", [])
    return [body]
