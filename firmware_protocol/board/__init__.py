"""The pen itself, on a Raspberry Pi Pico under MicroPython: wiring, sensors, power stage, main loop. README.md says how.

Only what a board needs may come in here; the rules of the link are in the shared modules that `bundle.py` names.
"""
