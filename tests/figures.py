"""Figures that all measures print."""

from __future__ import annotations

import resource


def peak_memory() -> str:
    """The most memory that this process has held."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return f"peak memory {peak:.0f} MB"
