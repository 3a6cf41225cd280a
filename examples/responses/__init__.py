"""Examples: responses."""
