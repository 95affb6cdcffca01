"""`python -m scripts.benchmarks`: see `--help`."""

import sys

from scripts.benchmarks.program import main

sys.exit(main())
