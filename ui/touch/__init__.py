"""The touchscreen at the chair: shows control's truth, offers what lowers risk as a tap and what raises it as a hold.

Judges nothing about safety and never waits for anybody; STOP goes past all of it, straight into the ring file and its pipe.
"""
