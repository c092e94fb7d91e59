"""Numbers: the plain NumPy path, sample points, and the check of derivatives against it."""

from chainrule.numeric.check import Certificate, check
from chainrule.numeric.compare import Comparison, compare
from chainrule.numeric.evaluate import evaluate
from chainrule.numeric.line import directional
from chainrule.numeric.sample import Point, sample

__all__ = [
    "Certificate", "Comparison", "Point", "check", "compare", "directional", "evaluate", "sample",
]  # fmt: skip
