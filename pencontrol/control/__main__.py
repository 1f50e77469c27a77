"""`python -m pencontrol.control`: started by the launcher."""

import sys

from pencontrol.control.process import main

if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
