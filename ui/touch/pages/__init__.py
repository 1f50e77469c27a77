"""Pages and panels: they place widgets, hand values down and intents up. No page decides anything."""
