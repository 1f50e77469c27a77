"""The control process: it owns the port and the truth. Pure parts (core, supervisor, alarms, outbox) apart from `process`.

Nothing that can block may come in here.
"""
