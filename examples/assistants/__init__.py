"""Examples: assistants."""
