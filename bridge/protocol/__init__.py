"""WSGI and ASGI without I/O: pure functions and state machines.

Nothing in here imports asyncio, threading, socket or greenlet, so every rule of PEP 3333 can be
tested without a loop and without a thread.
"""
