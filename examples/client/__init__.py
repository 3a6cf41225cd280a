"""Examples: client."""
