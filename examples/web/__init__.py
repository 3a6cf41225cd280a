"""Examples: web."""
