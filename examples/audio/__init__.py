"""Examples: audio."""
