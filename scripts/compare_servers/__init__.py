"""`scripts/compare`: does an application answer behind the bridge as it does behind waitress?

    options      the command line
    scenario     what the tool can't guess: a login, pages to leave alone, requests of its own
    servers      the application in three processes, each with its own copy of the data
    exchange     one request, one answer, as they were on the wire; a client with cookies
    trio         asks all three and compares: waitress, the bridge, waitress again
    noise        what differs between two waitresses says nothing about the bridge: learned and taken out
    difference   what is left: status, headers, body
    pages        links and forms of an HTML page
    forms        a form filled in, its files too
    crawl        which page to visit next
    variants     what else a page may be asked: HEAD, a range, is it modified, and the odd requests
    journey      the whole sequence: log in, crawl, ask again, submit, crawl again
    load         a light load, to see whether the log stays clean
    report       what was found, for people and as JSON

The order waitress, bridge, waitress matters: a clock or a counter that ticks between the first two is seen to
tick between the two waitresses as well. What is safe to repeat is repeated before it is called a difference.
"""
