"""One module a suite, loaded into the suite's own test process; see `scripts.external`."""
