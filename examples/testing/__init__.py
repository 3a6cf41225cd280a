"""Examples: an application and its tests; `python -m pytest examples/testing` runs them."""
