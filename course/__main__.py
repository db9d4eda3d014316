"""The command ``python -m course``."""

import sys

from course.command import main

sys.exit(main(sys.argv[1:]))
