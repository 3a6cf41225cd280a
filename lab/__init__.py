"""What happens when things go wrong, as a table: `python -m lab`."""
