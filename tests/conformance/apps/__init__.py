"""The rows, by chapter of the conformance list."""
