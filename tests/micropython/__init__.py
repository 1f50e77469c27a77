"""The pen's shared modules and its board under a real MicroPython: the WebAssembly build, run by Node.

`interpreter.py` starts it; `on_pen/` holds what runs inside it (and on CPython too); `stub/` stands in for the board's chip.
"""
