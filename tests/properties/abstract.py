"""What the abstract functions ``phi`` and ``psi`` stand for when they are evaluated."""
