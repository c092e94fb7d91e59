"""The plain NumPy path."""
