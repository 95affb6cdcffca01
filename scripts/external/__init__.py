"""Other people's test suites, run against a WSGI bridge: see `scripts/external_suites --help`.

The suites are fetched by whoever runs this and never committed. A run is one pytest (or Django runner)
process in the checkout, with a plugin from `scripts.external.plugins` that puts the bridge in the place of
whatever the suite tests by itself. The plugin writes what happened, one JSON line a test; this
package then sets it against `excused.toml`, where every expectation that no honest bridge can
meet stands with its clause and reason.
"""
