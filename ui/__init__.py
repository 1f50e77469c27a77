"""People: the touchscreen (`touch`) and the command line (`cli`). Judges nothing about safety; imports everything below."""
