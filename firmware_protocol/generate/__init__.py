"""Makes files from the one message table in `messages.py`; nothing here is needed to run a pen or the host."""
