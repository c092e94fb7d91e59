"""Random expressions against an independent automatic differentiation."""
