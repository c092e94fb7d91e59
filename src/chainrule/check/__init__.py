"""Check what people wrote: verdicts, conditions, slips and mends."""

from chainrule.check.chain import ChainVerdict, judge_chain
from chainrule.check.code import GradientReport, check_gradient
from chainrule.check.judge import judge
from chainrule.check.numbers import judge_printed
from chainrule.check.reading import Sides, grad_node, read_claim, read_sides
from chainrule.check.verdict import (
    SLIPS,
    VERDICTS,
    Claim,
    Counterexample,
    Mend,
    Slip,
    Verdict,
    summary,
)

__all__ = [
    "SLIPS", "VERDICTS", "ChainVerdict", "Claim", "Counterexample", "GradientReport", "Mend",
    "Sides", "Slip", "Verdict", "check_gradient", "grad_node", "judge", "judge_chain",
    "judge_printed", "read_claim", "read_sides", "summary",
]  # fmt: skip
