"""Examples: others."""
