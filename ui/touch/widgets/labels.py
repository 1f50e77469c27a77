"""A label whose look comes from the stylesheet."""

from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QLabel


def label(role: str, text: str = "") -> QLabel:
    """Plain text in the look of `role`."""
    made = QLabel(text)
    made.setProperty("role", role)
    made.setTextFormat(Qt.TextFormat.PlainText)
    return made
