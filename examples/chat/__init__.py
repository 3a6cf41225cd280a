"""Examples: chat."""
