"""Examples: videos."""
