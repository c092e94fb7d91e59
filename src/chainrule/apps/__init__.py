"""Doors: command line and batch. They hold no mathematics and are the only place with I/O."""
