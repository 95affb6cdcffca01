"""`scripts/bench`: what a WSGI bridge costs, measured beside the alternatives, in one run on one machine.

    contenders   how one application is put behind a server: natively, through a bridge, under gunicorn
    apps         the applications, once as WSGI and once as ASGI, with the same bytes out
    serve        the server process (`python -m scripts.benchmarks.serve`)
    server       starting, probing, metering and stopping that process
    processes    CPU time and peak memory of a process tree
    load         the clients: wrk or a Python one, and raw-socket transfers
    scenarios    what is measured, and the target that issue 2 section 9 sets for it
    rounds       A B C A B C, never A A A B B B
    reports      table, Markdown, JSON

Rules that keep it honest: only one server lives at a time, fresh in every round; every contender's answer is
compared with the expected bytes before anything is timed; the client counts the requests; a server's idle CPU is
subtracted; figures are medians over interleaved rounds, and the JSON keeps every round.
"""
