"""The soak test: many requests of every kind, aborted ones among them, and a server that must stay as it was.

traffic.py    the requests, their mix, and whether the answers are right
sampling.py   traffic for a while, with the server's vitals all along
verdict.py    what the samples say; pure
"""
