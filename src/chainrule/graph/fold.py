"""Which parts of an expression become nodes, and which are folded into the node that uses them.

Products and sums are stored flat, so a name such as ``u = A*x`` in ``B*u`` has to be found again
among the factors of ``B*A*x``. Transposes, scalar multiples and reciprocals are no nodes of their
own: a graph of human size shows ``a − b`` and ``y'*log(p)``, not six trivial boxes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from chainrule.errors import ChainruleError
from chainrule.expr import BINDERS, Expr, free_names, postorder, rebuild, substitute
from chainrule.ops import TABLE

ORDINARY = frozenset({"contraction", "elementwise", "primitive", "definition"})
MULTIPLES = frozenset({"mul", "sum", "tr", "pow", "epow", "hadamard"})  # take a number in front


@dataclass(frozen=True)
class Plan:
    """The nodes in order, what each uses, and the operands of every part."""

    order: tuple[Expr, ...]
    sources: dict[Expr, tuple[Expr, ...]]
    operands: dict[Expr, tuple[Expr, ...]]
    parts: tuple[Expr, ...]

    def formulas(self, signs: Mapping[Expr, Expr]) -> dict[Expr, Expr]:
        """Every node in terms of the symbols of the nodes it uses."""
        memo: dict[Expr, Expr] = {}
        for e in self.parts:
            args = tuple(signs.get(a, memo[a]) for a in self.operands[e])
            memo[e] = _made(e, self.operands[e], args) if args else e
        return {e: memo[e] for e in self.order}


def _made(e: Expr, operands: tuple[Expr, ...], args: tuple[Expr, ...]) -> Expr:
    if TABLE[e.op].kind in ORDINARY:
        return rebuild(e, args)
    return substitute(e, dict(zip(operands, args, strict=True)))


def plan(root: Expr, definitions: Mapping[str, Expr]) -> Plan:
    """Decide on the nodes of an expression."""
    named = {e for e in definitions.values() if e.args}
    operands: dict[Expr, tuple[Expr, ...]] = {}
    parts = _walk(root, named, operands)
    uses: dict[Expr, int] = {}
    for e in parts:
        for a in operands[e]:
            uses[a] = uses.get(a, 0) + 1
    varies: dict[Expr, bool] = {}
    for e in parts:
        varies[e] = e.op == "symbol" or any(varies[a] for a in operands[e])
    folded = {e for e in parts if not varies[e] or _is_trivial(e, operands[e], varies)}
    kept = (named & set(parts)) | {root}
    folded -= {e for e in kept if varies[e] or e is root}
    for e in reversed(parts):  # users before what they use
        inside = e in folded or _is_trivial(e, operands[e], varies)
        for a in operands[e]:
            if a in kept or a in folded or a.op == "symbol" or uses[a] > 1:
                continue
            multiple = inside and e not in folded and e.op == "mul" and a.op in MULTIPLES
            if multiple or _is_entropy(e, a):
                folded.add(a)
    order = tuple(e for e in parts if e not in folded)
    sources = _sources(parts, operands, folded)
    return Plan(_leaves_late(order, sources), sources, operands, tuple(parts))


def _leaves_late(
    order: tuple[Expr, ...], sources: Mapping[Expr, tuple[Expr, ...]]
) -> tuple[Expr, ...]:
    """The same order with every variable right before the first operation that uses it."""
    out: dict[Expr, None] = {}
    for e in order:
        if e.op != "symbol" or e is order[-1]:
            out.update(dict.fromkeys(a for a in sources[e] if a.op == "symbol"))
            out[e] = None
    return tuple(out)


def _walk(root: Expr, named: set[Expr], operands: dict[Expr, tuple[Expr, ...]]) -> list[Expr]:
    """Post-order over regrouped operands."""
    by_op: dict[str, list[Expr]] = {}
    for e in sorted(named, key=lambda d: (-len(d.args), d.serial)):
        by_op.setdefault(e.op, []).append(e)

    def regrouped(e: Expr) -> tuple[Expr, ...]:
        operands[e] = _operands(e, by_op, named)
        return operands[e]

    return postorder(root, below=regrouped)


def _operands(e: Expr, by_op: Mapping[str, list[Expr]], named: set[Expr]) -> tuple[Expr, ...]:
    if e.op in TABLE and TABLE[e.op].kind not in ORDINARY and e.args:
        return _outside(e, named)
    found = e.args
    for d in by_op.get(e.op, ()):
        if d is not e and len(d.args) < len(e.args):
            found = _grouped(e, found, d)
    return found


def _outside(e: Expr, named: set[Expr]) -> tuple[Expr, ...]:
    """Variables and named parts in a sum over an index: the sum itself stays one node."""
    indices = {str(b.params[0]) for b in postorder(e) if b.op in BINDERS}
    found: dict[Expr, None] = {}
    stack, seen = list(e.args), set(e.args)
    while stack:
        a = stack.pop()
        if a.op == "symbol" or (a in named and free_names(a).isdisjoint(indices)):
            found[a] = None
            continue
        stack += [b for b in reversed(a.args) if b not in seen]
        seen.update(a.args)
    return tuple(found)


def _grouped(e: Expr, args: tuple[Expr, ...], d: Expr) -> tuple[Expr, ...]:
    """The definition ``d`` in place of its own factors or terms among ``args``."""
    if e.op == "mul":
        for k in range(len(args) - len(d.args) + 1):
            if args[k : k + len(d.args)] == d.args:
                return _fitting(e, (*args[:k], d, *args[k + len(d.args) :]), args)
        return args
    if e.op not in ("add", "hadamard"):
        return args
    rest = list(args)
    for part in d.args:
        if part not in rest:
            return args
        at = rest.index(part)
        if part is d.args[0]:
            first = at
        rest.pop(at)
    rest.insert(min(first, len(rest)), d)
    return _fitting(e, tuple(rest), args)


def _fitting(e: Expr, new: tuple[Expr, ...], old: tuple[Expr, ...]) -> tuple[Expr, ...]:
    """The regrouped operands if the product is still the same one."""
    try:
        return new if rebuild(e, new) is e else old
    except ChainruleError:
        return old


def _is_trivial(e: Expr, args: tuple[Expr, ...], varies: Mapping[Expr, bool]) -> bool:
    """A transpose, a multiple by a constant, a reciprocal."""
    if e.op == "transpose":
        return True
    if e.op == "mul":
        moving = [a for a in args if varies[a]]
        return len(moving) == 1 and all(a.is_scalar for a in args if not varies[a])
    if e.op in ("pow", "epow"):
        return e.args[1].op == "number" and e.args[1].value == -1
    return False


def _is_entropy(e: Expr, a: Expr) -> bool:
    """``y'*log(p)``: the logarithm belongs to the cross-entropy."""
    return a.op == "log" and e.op == "mul" and e.is_scalar and not a.is_scalar


def _sources(
    parts: list[Expr], operands: Mapping[Expr, tuple[Expr, ...]], folded: set[Expr]
) -> dict[Expr, tuple[Expr, ...]]:
    """The nodes that each part reaches through folded parts only."""
    found: dict[Expr, tuple[Expr, ...]] = {}
    for e in parts:
        reached: dict[Expr, None] = {}
        for a in operands[e]:
            for s in found[a] if a in folded else (a,):
                reached[s] = None
        found[e] = tuple(reached)
    return found


__all__ = ["Plan", "plan"]
