"""Builds the embedded data from public packages; for maintainers, not in the wheel."""
