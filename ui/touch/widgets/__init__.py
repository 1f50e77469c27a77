"""Single widgets: each takes values and emits intents. None knows the presenter, the ring, the socket or a clock."""
