"""What runs inside MicroPython. The modules named `..._main` do their work when imported; the others run on CPython too."""
