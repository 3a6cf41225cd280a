"""Measures this library beside the official one and raw httpx, all in one run."""
