"""The version; in a module of its own so that those below the public names can say it."""

__all__ = ["__version__"]

__version__ = "0.1.0"
