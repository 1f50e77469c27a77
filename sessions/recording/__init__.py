"""Parts of the recorder process: reading the feed, waiting, measuring. The process itself is `sessions.recorder`."""
