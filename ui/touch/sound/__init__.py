"""What is heard: alarm bursts, cues, and the process that plays them. The screen itself never waits for a sound device."""
