"""python -m scripts.soaking."""

import sys

from scripts.soaking.program import main

sys.exit(main())
