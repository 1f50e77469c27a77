"""The record: event vocabulary, recorder process, store, exports.

Imports nothing of ours: whoever reads a record needs neither pen nor screen. The control process may import only the
pure modules `events` and `feed` from here.
"""
