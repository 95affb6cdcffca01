"""What a command's processes really wait for, by route: the half of `wsgi-bridge trace` that runs inside them.

`wsgi-bridge trace -- COMMAND` starts the command with `injected/` in front of PYTHONPATH. Every Python that it starts
runs the `sitecustomize` in there, which loads this package *by its path* and calls `start.start`:

    injected/sitecustomize.py   loads the package, then the sitecustomize that it hides
    start.py       the plan that the command line wrote -> everything below
    importing.py   a call when a module has been imported
    patching.py    callables of the knowledge base, wrapped
    monitoring.py  callables written in C, which cannot be wrapped (3.12 and later)
    audits.py      what no wrapper saw: files, sockets, processes
    entries.py     which request runs, and the pattern of its route
    frames.py      which frames are the project's
    recorder.py    counts, seconds and stacks; written to a part file when the process ends
    parts.py       part files -> one trace

The process may belong to another environment than wsgi-bridge, with none of its packages: so there is nothing but the
standard library in here, and imports are relative. The knowledge base comes as data, in the plan.
"""
