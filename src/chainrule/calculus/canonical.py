"""The canonical form: everything expanded into index terms, like terms collected and sorted.

Two expressions with the same canonical form are equal; that is a proof. The converse does not
hold where functions obey laws that are not expanded here (``log(a*b)``, Woodbury, …).
"""

from __future__ import annotations

from fractions import Fraction

from chainrule.calculus.dissolve import dissolved, named_by_depth
from chainrule.errors import ChainruleError, LimitError
from chainrule.expr import Expr, rebuild
from chainrule.ops import add, apply, inv, mul, power, zeros
from chainrule.ops.build import MINUS_ONE, NUMBER_ONE
from chainrule.tensor.factor import collect
from chainrule.tensor.ir import Slot, Term, exponent_expr, index
from chainrule.tensor.lift import lift_term
from chainrule.tensor.lower import Zero, lower, lower_chain, lower_parts
from chainrule.tensor.product import Product

MAX_TERMS = 400
MAX_EXPAND = 4  # powers of sums up to this are multiplied out


def canonical(e: Expr, memo: dict[Expr, Expr] | None = None) -> Expr:
    """The canonical form as an expression.

    Raises
    ------
    LimitError
        If expansion makes too many terms.
    UnsupportedError
        If a term has no matrix notation.
    """
    memo = {} if memo is None else memo
    found = memo.get(e)
    if found is None:
        row, col = index(e.shape[0]), index(e.shape[1])
        products = _products(e, row, col, memo)
        ordered = sorted(products, key=_order)
        found = add(*(p.expr() for p in ordered)) if ordered else zeros(*e.shape)
        memo[e] = found
        memo[found] = found
    return found


def _order(p: Product) -> tuple[object, ...]:
    return (tuple(x.serial for x in p.chain), tuple(sorted(b.serial for b, _ in p.scalars)),
            tuple(str(q) for _, q in p.scalars))  # fmt: skip


def _products(e: Expr, row: Slot, col: Slot, memo: dict[Expr, Expr]) -> list[Product]:
    start = Term()
    try:
        lower(start, e, row, col, composites=True)
    except Zero:
        return []
    out: list[Product] = []
    work = [start]
    while work:
        if len(work) + len(out) > MAX_TERMS:
            raise LimitError(f"{e!r} expands into more than {MAX_TERMS} terms")
        term = work.pop()
        split = _split(term, memo)
        if split is not None:
            work += split
            continue
        p = lift_term(term, row, col, lambda x: x)
        if p is not None:
            out.append(_settled(p))
    return collect(out)


def _settled(p: Product) -> Product:
    scalars = sorted(p.scalars, key=lambda item: item[0].serial)
    return Product(p.coef, tuple(scalars), p.chain, p.shape)


def _split(term: Term, memo: dict[Expr, Expr]) -> list[Term] | None:
    """Open one sum or one composite scalar of the term; None when all is atomic."""
    for n, (e, i, j, p) in enumerate(term.factors):
        small = isinstance(p, Fraction) and p.denominator == 1 and 1 <= p <= MAX_EXPAND
        body = _opened(e, memo)
        if body is e and not (e.op == "add" and small):
            continue
        rest = term.copy()
        del rest.factors[n]
        if p != 1 and not (small and body.op == "add"):
            if body is e:
                continue
            rest.factors.append((body, i, j, p))
            return [rest]
        if p != 1:
            rest.factors.append((e, i, j, p - 1))
        return lower_parts(rest, body, i, j, composites=True)
    for base, p in list(term.scalars.items()):
        small = isinstance(p, Fraction) and p.denominator == 1 and 1 <= p <= MAX_EXPAND
        inner = _inner_sum(base) if p == 1 else None
        if inner is not None:
            rest = term.copy()
            del rest.scalars[base]
            return _contracted(rest, inner)
        body = _opened(base, memo)
        if body is not base and not (small or body.op not in ("add", "mul")):
            if memo.get(base) is base:
                continue
            rest = term.copy()
            del rest.scalars[base]
            closed = canonical(base, memo)
            if closed is base:
                continue
            lower(rest, power(closed, exponent_expr(p)), None, None)
            if rest.scalars == term.scalars:
                continue
            return [rest]
        if body is base and not (base.op == "add" and small):
            continue
        rest = term.copy()
        del rest.scalars[base]
        if p != 1 and small:
            rest.times_scalar(base, p - 1)
            return lower_parts(rest, body, None, None, composites=True)
        if p == 1:
            return lower_parts(rest, body, None, None, composites=True)
        lower(rest, power(body, exponent_expr(p)), None, None)
        return [rest]
    return None


def _inner_sum(e: Expr) -> tuple[Expr, bool] | None:
    """The matrix that a trace or sum of entries runs over (and whether along the diagonal)."""
    if e.op in ("tr", "sum"):
        return e.args[0], e.op == "tr"
    if e.op == "mul" and any(not a.is_scalar for a in e.args):
        return e, True
    return None


def _contracted(rest: Term, inner: tuple[Expr, bool]) -> list[Term]:
    """The trace or sum written with bound indices."""
    e, diagonal = inner
    out = []
    for part in e.args if e.op == "add" else (e,):
        new = rest.copy()
        row = index(e.shape[0])
        col = row if diagonal else index(e.shape[1])
        new.bound += [i for i in dict.fromkeys((row, col)) if i is not None]
        try:
            _lower_entry(new, part, row, col)
        except Zero:
            continue
        out.append(new)
    return out


def _lower_entry(term: Term, e: Expr, row: Slot, col: Slot) -> None:
    """The entry of ``e``; a contracted product is a chain between indices of size one."""
    if e.op == "mul" and e.is_scalar:
        lower_chain(term, [a for a in e.args if not a.is_scalar], composites=True)
        for a in e.args:
            if a.is_scalar:
                lower(term, a, None, None, composites=True)
        return
    lower(term, e, *((None, None) if e.is_scalar else (row, col)), composites=True)


def _opened(e: Expr, memo: dict[Expr, Expr]) -> Expr:
    """One step towards atoms: laws of determinants and inverses, canonical arguments."""
    key = power(e, NUMBER_ONE) if e.is_scalar else e
    found = memo.get(key)
    if found is e:
        return e
    if not e.args or e.op in ("add", "mul", "hadamard", "transpose"):
        return e
    args = tuple(canonical(a, memo) for a in e.args)
    out = _law(rebuild(e, args))
    memo.setdefault(out, out) if out.op == e.op else None
    return out


def _law(e: Expr) -> Expr:
    arg = e.args[0]
    match e.op:
        case "inv" if arg.op == "mul" and all(
            a.is_scalar or a.shape[0] == a.shape[1] for a in arg.args
        ):
            scalars = [power(a, MINUS_ONE) for a in arg.args if a.is_scalar]
            return mul(*scalars, *(inv(a) for a in reversed(arg.args) if not a.is_scalar))
        case "inv" if arg.op == "inv":
            return arg.args[0]
        case "det" if arg.op == "mul" and all(
            not a.is_scalar and a.shape[0] == a.shape[1] for a in arg.args
        ):
            return mul(*(apply("det", a) for a in arg.args))
        case "det" if arg.op == "transpose":
            return apply("det", arg.args[0])
        case "det" if arg.op == "inv":
            return power(apply("det", arg.args[0]), MINUS_ONE)
    return e


def provably_equal(a: Expr, b: Expr) -> bool:
    """Do the canonical forms agree? False means only that no proof was found."""
    if a is b:
        return True
    if a.shape != b.shape:
        return False
    try:
        memo: dict[Expr, Expr] = {}
        a, b = (named_by_depth(dissolved(e)) for e in (a, b))
        return canonical(a, memo) is canonical(b, memo)
    except (ChainruleError, RecursionError):
        return False  # no proof; the numerical path decides
