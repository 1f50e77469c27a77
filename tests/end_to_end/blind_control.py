"""A control process whose own guard is taken away, so that the pen's guard can be seen to work alone. Tests only."""

import sys

from pencontrol.control.process import main

if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:], guard=lambda run, sample, limit_um: []))
