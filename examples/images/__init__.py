"""Examples: images."""
