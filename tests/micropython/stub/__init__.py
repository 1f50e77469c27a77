"""A Raspberry Pi Pico that is not there: its chip, a motor, a depth stop and a host, all in virtual time.

Runs inside MicroPython, where `install` puts it in the place of `machine`, `rp2`, `time` and `usb`.
"""
