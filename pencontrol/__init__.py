"""The treatment: plan, zones, limits, control process, alarms, passes, launcher.

Never Qt, never SQLAlchemy: this must run and stop the pen whatever screen and disk do.
"""
