"""The clients: closed loops of many connections, and single large transfers over raw sockets."""
