"""Tests of the record: store, recorder, reading, exports."""
