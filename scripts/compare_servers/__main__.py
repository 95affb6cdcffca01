"""`python -m scripts.compare_servers`: see `--help`."""

import sys

from scripts.compare_servers.program import main

sys.exit(main(sys.argv[1:]))
