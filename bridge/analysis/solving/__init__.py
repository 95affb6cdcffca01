"""The whole-program assignment graph: which values reach which register.

values.py      what a register may hold, interned as ints
flow.py        registers as nodes, values flowing along edges, one worklist
program.py     the files of a project by module, and their scopes
state.py       functions in their contexts, objects' fields, edges found
linking.py     imports, modules' members, names
resolution.py  classes: their order of resolution, and where they have a name
binding.py     what a class attribute is when it is read through a receiver
members.py     attributes of whatever reaches a register
calling.py     calls: arguments, contexts, results
containers.py  elements of lists, dictionaries, iterators
builtins.py    what builtins and a little of the standard library do with functions
library.py     what is known of the code outside the project
offloading.py  functions that are handed to a thread
engine.py      entry points; rounds until nothing moves
"""
