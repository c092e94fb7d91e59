"""The first pass over the syntax: what the form alone decides, whatever the names stand for.

``A^T`` is a transpose, ``eye(n)`` a constant, ``d(f)/d(x)`` and ``grad(f,x)`` derivatives.
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from chainrule.errors import ParseError
from chainrule.ops import TABLE
from chainrule.read.dimension import size_of
from chainrule.read.mistakes import DERIVATIVES, FUNCTIONS
from chainrule.read.syntax import Node

if TYPE_CHECKING:
    from chainrule.read.meaning import Program

SIZED = {name: op.params for name, op in TABLE.items() if op.kind == "constant" and op.params}
INFERRED = frozenset({"eye", "ones", "zeros"})
"""Constants that may be written without a size."""


def settle_form(program: Program, node: Node) -> None:
    """Rewrite one node whose arguments are settled."""
    match node.op:
        case "pow" | "epow":
            _transposing_power(program, node)
        case "call":
            _call_form(program, node)
        case "div":
            _quotient_of_differentials(node)
        case "range":
            raise program.fail("a range belongs to a sum or product, as in sum(i=1:n, …)", node)


def _transposing_power(program: Program, node: Node) -> None:
    base, exponent = node.args
    minus = exponent.op == "neg"
    inner = exponent.args[0] if minus else exponent
    if inner.op != "name" or inner.value != "T":
        return
    if "T" in program.declared or "T" in program.definitions:
        program.remarks["T is declared, so ^T is a power; write A' for the transpose"] = None
        return
    if minus:
        base = Node("apply", [base], node.at, node.end, "inv")
    node.op, node.args, node.value = "transpose", [base], None


def _call_form(program: Program, node: Node) -> None:
    name, order = node.value
    if name in program.declared:
        return
    if order and name in FUNCTIONS:
        raise program.fail(
            f"{name}' is not a function of its own; "
            f"write d({name}(…)) or ({name}(…))' for the transpose", node,
        )  # fmt: skip
    if name in ("vector", "matrix"):
        node.op, node.value = "constant", (name, None, _literal(program, node))
        node.args = []
    elif name in SIZED:
        if not node.args and name in INFERRED:
            node.op, node.value = "constant", (name, None, Fraction(1))
            return
        try:
            sizes = [size_of(a) for a in node.args]
        except ParseError as error:
            error.source = program.source
            raise
        low = 1 if name in ("ones", "zeros") else SIZED[name]
        if not low <= len(sizes) <= SIZED[name]:
            count = f"{low} or {SIZED[name]}" if low < SIZED[name] else str(low)
            raise program.fail(f"{name} takes {count} size(s), not {len(sizes)}", node)
        for a, size in zip(node.args, sizes, strict=True):
            if size.value is not None and size.value < 1:
                raise program.fail(f"a size must be at least 1, not {size}", a)
            program.sizes |= size.names
        node.op, node.args, node.value = "constant", [], (name, tuple(sizes), Fraction(1))
    elif name in DERIVATIVES and not (name == "d" and len(node.args) != 1):
        if len(node.args) != (1 if name == "d" else 2):
            raise program.fail(f"{name} takes a formula and a variable, as in {name}(f,x)", node)
        node.op = {"d": "differential", "jac": "grad"}.get(name, name)
        node.value = "vec" if name == "jac" else None


def _literal(program: Program, node: Node) -> Fraction:
    if len(node.args) == 1:
        arg, sign = node.args[0], 1
        if arg.op == "neg":
            arg, sign = arg.args[0], -1
        if arg.op == "number":
            return sign * Fraction(arg.value)
    raise program.fail(
        f"{node.value[0]}(…) takes a number, as in {node.value[0]}(1); write ones(n) for a size",
        node,
    )


def last_factor(node: Node) -> tuple[Node, Node | None]:
    """``2*d(f)`` -> (d(f), the product around it)."""
    if node.op == "mul":
        return node.args[-1], node
    return node, None


def _quotient_of_differentials(node: Node) -> None:
    upper, around = last_factor(node.args[0])
    lower = node.args[1]
    if upper.op != "differential" or lower.op != "differential":
        return
    make_gradient(node, upper.args[0], lower.args[0], upper.at, around)


def make_gradient(node: Node, f: Node, x: Node, at: int, around: Node | None) -> None:
    """Turn ``node`` into the derivative of ``f`` by ``x``, in the product ``around`` if any."""
    made = Node("grad", [f, x], at, node.end)
    if around is None:
        node.op, node.args = "grad", made.args
    else:
        node.op, node.args = "mul", [*around.args[:-1], made]
