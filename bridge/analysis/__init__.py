"""The static analyser: reads Python files, never imports them.

project.py          files, encodings, module names, parse cache
lowering/           one file's syntax tree -> facts
facts.py            what one file says, as instructions over registers
names.py            relative imports and alias -> canonical dotted name
solving/            whole-program assignment graph over the facts
callgraph.py        edges, each with its evidence; unresolved calls, each with its reason
knowledge/          what blocks, what replaces it: TOML and its loader
frameworks/         routes, hooks, middleware
effects/            what reaches what, by which chain

analyse.py          all of it, from a path to a report: the one function that the verbs call
survey.py           what each route reaches, and each async function off routes (async_functions.py, wrapping.py)
inspecting.py       rules over a survey -> findings (rules/, findings.py, suppression.py, crashes.py)
verdicts.py         what becomes of a route, and its lane (reasons.py, lanes.py)
planning.py         in what order to change functions (components.py, sharing.py, assumptions.py)
dependencies.py     packages, joined with the knowledge base (requirements.py)
assembling.py       all of that -> model.Report
baseline.py gate.py which findings count in a build
configuration.py    [tool.wsgi-bridge]
explaining.py       chains by name
traces.py           what really happened
"""
