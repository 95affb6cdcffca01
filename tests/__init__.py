"""The test suite; a package so that `from tests.asgi_driver import AsgiCall` never meets another `tests`."""
