"""The static analyser: reads Python files, never imports them.

project.py    files, encodings, module names, parse cache
lowering/     one file's syntax tree -> facts
facts.py      what one file says, as instructions over registers
names.py      relative imports and alias -> canonical dotted name
solving/      whole-program assignment graph over the facts
callgraph.py  edges, each with its evidence; unresolved calls, each with its reason
"""
