"""`python -m scripts.external`, which `scripts/external_suites` calls."""

import sys

from scripts.external.command import main

sys.exit(main(sys.argv[1:]))
