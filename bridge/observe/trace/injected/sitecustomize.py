"""Python runs this before anything else in a traced process: start the tracer, then what this file hides."""

import importlib
import importlib.machinery
import importlib.util
import os
import sys
from pathlib import Path

__all__ = ()  # no annotation: the process may run an older Python than ours

HERE = Path(__file__).resolve().parent
NAME = "_wsgi_bridge_trace"


def _start() -> None:
    folder = HERE.parent
    spec = importlib.util.spec_from_file_location(
        NAME, folder / "__init__.py", submodule_search_locations=[str(folder)]
    )
    if spec is None or spec.loader is None:
        return
    package = importlib.util.module_from_spec(spec)
    sys.modules[NAME] = package
    spec.loader.exec_module(package)
    importlib.import_module(f"{NAME}.start").start(os.environ["WSGI_BRIDGE_TRACE"])


def _run_hidden() -> None:
    """Run the sitecustomize that would have been imported without this one, as `sitecustomize`."""
    path = [entry for entry in sys.path if Path(entry or ".").resolve() != HERE]
    sys.path[:] = path
    spec = importlib.machinery.PathFinder.find_spec("sitecustomize", path)
    if spec is not None and spec.loader is not None:
        module = importlib.util.module_from_spec(spec)
        sys.modules["sitecustomize"] = (
            module  # not taken out first: the import that runs this file looks for it
        )
        spec.loader.exec_module(module)


def _main() -> None:
    if "WSGI_BRIDGE_TRACE" in os.environ and sys.version_info >= (3, 10):
        try:
            _start()
        except Exception as error:  # a tracer must never stop the program that it watches
            sys.stderr.write(
                f"wsgi-bridge trace: this process is not traced: {type(error).__name__}: {error}\n"
            )
    _run_hidden()


if __name__ == "sitecustomize":  # not when a tool imports it as a module of bridge
    _main()
