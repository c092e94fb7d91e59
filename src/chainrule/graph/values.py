"""Given numbers: read from JSON, lists or arrays; sizes fixed and checked; declared facts held."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Mapping
from fractions import Fraction

from chainrule.dims import ONE, Dim, dim, unify
from chainrule.errors import LimitError, ShapeError, UsageError
from chainrule.expr import Expr, size_names
from chainrule.graph.build import Graph
from chainrule.graph.exact import Number, Rows

MOST = 1_000_000  # numbers in all
LONGEST = 50_000_000  # characters of a file of values
RATIO = re.compile(r"[+-]?\d{1,100}(/\d{1,100})?")
Given = Mapping[str, object] | Mapping[Expr, object]


def from_json(text: str) -> dict[str, object]:
    """The content of VALUES.json: an object of names and numbers, lists, or lists of rows.

    A fraction may be written as a text, ``"1/3"``.

    Raises
    ------
    UsageError
        If it is not such an object.
    LimitError
        If it is too long.
    """
    if len(text) > LONGEST:
        raise LimitError(f"the values are longer than {LONGEST // 1_000_000} million characters")
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise UsageError(f"the values are not JSON: {error}") from None
    if not isinstance(found, dict):
        raise UsageError('the values must be an object such as {"x": [1,2,3], "A": [[1,0],[0,1]]}')
    return found


def bind(g: Graph, given: Given) -> tuple[dict[str, Rows], dict[str, int]]:
    """Values of all inputs as rows of numbers, and the sizes that they fix.

    Raises
    ------
    UsageError
        For missing or unknown names, for what is not a number, for lists of unequal length, and
        for values that contradict what was declared.
    ShapeError
        If a value does not have the size of its variable; names both.
    """
    table = {k.name if isinstance(k, Expr) else str(k): v for k, v in given.items()}
    leaves = {n.name: n.symbol for n in g.leaves}
    for name, e in leaves.items():
        if "family" in e.traits and name not in table:  # x_i stands for all members
            for key in [k for k in table if re.fullmatch(f"{re.escape(name)}_[a-z]", k)][:1]:
                table[name] = table.pop(key)
    named_sizes = size_names(g.root)
    missing = [name for name in leaves if name not in table]
    if missing:
        wanted = [f"{n} ({leaves[n].shape[0]}×{leaves[n].shape[1]})" for n in missing]
        raise UsageError(f"no value is given for {', '.join(wanted)}")
    for name in table:
        if name in leaves or name in named_sizes:
            continue
        why = "is computed by the graph" if name in g.table else "does not occur"
        raise UsageError(f"a value is given for {name}, which {why}: give {', '.join(leaves)}")
    _not_too_many({name: table[name] for name in leaves})
    rows = {name: _rows(name, table[name], e) for name, e in leaves.items()}
    sizes = _sizes(rows, leaves, {n: table[n] for n in named_sizes & table.keys() - leaves.keys()})
    open_sizes = sorted(named_sizes - sizes.keys())
    if open_sizes:
        raise UsageError(
            f'the values do not fix the size {open_sizes[0]}: give it too, as "{open_sizes[0]}": 3'
        )
    for name, e in leaves.items():
        _hold(name, e, rows[name])
    return rows, sizes


def _not_too_many(values: Mapping[str, object]) -> None:
    """Lists of a million numbers would be slow here, and nobody could read the result."""
    total = 0
    for name, value in values.items():
        size = getattr(value, "size", None)
        if isinstance(size, int):
            total += size
        elif isinstance(value, (list, tuple)):
            total += sum(len(v) if isinstance(v, (list, tuple)) else 1 for v in value)
        if total > MOST:
            raise LimitError(f"{name} makes more than {MOST} numbers: too many for a graph")


def _rows(name: str, value: object, e: Expr) -> Rows:
    to_list = getattr(value, "tolist", None)
    if to_list is not None and not isinstance(value, Fraction):
        value = to_list()
    if not isinstance(value, (list, tuple)):
        return [[_number(value, name)]]
    if not value:
        raise UsageError(f"{name} is an empty list")
    if not any(isinstance(v, (list, tuple)) for v in value):
        numbers = [_number(v, f"{name}[{k}]") for k, v in enumerate(value, 1)]
        is_row = e.shape[0] == ONE and e.shape[1] != ONE
        return [numbers] if is_row else [[v] for v in numbers]
    out: Rows = []
    for i, row in enumerate(value, 1):
        if not isinstance(row, (list, tuple)):
            raise UsageError(f"row {i} of {name} is {row!r}, but the other rows are lists")
        if not row:
            raise UsageError(f"row {i} of {name} is an empty list")
        out.append([_number(v, f"{name}[{i},{j}]") for j, v in enumerate(row, 1)])
        if len(row) != len(out[0]):
            raise UsageError(
                f"row {i} of {name} has {len(row)} entries, but row 1 has {len(out[0])}"
            )
    return out


def _number(value: object, where: str) -> Number:
    if isinstance(value, str) and RATIO.fullmatch(value.strip()):
        try:
            return Fraction(value.strip())
        except ZeroDivisionError:
            raise UsageError(f"{where} is {value.strip()}, a division by zero") from None
    if isinstance(value, bool) or not isinstance(value, (int, float, Fraction)):
        text = repr(value)
        raise UsageError(f"{where} is {text if len(text) < 40 else text[:37] + '…'}, not a number")
    if isinstance(value, float) and not math.isfinite(value):
        raise UsageError(f"{where} is {value}, not a finite number")
    return value if isinstance(value, float) else Fraction(value)


def _sizes(
    rows: Mapping[str, Rows], leaves: Mapping[str, Expr], given: Mapping[str, object]
) -> dict[str, int]:
    """Numbers for the named sizes; every value is compared with what came before it."""
    pairs: list[tuple[Dim, Dim]] = []
    solved: dict[str, Dim] = {}
    source: dict[str, str] = {}
    for name, number in given.items():
        if not isinstance(number, int) or isinstance(number, bool) or number < 1:
            raise UsageError(f"the size {name} is {number!r}, not a whole number above 0")
        pairs.append((dim(name), dim(number)))
        solved[name], source[name] = dim(number), "as given"
    for name, e in leaves.items():
        value = rows[name]
        actual = (len(value), len(value[0]))
        for side, wanted, found in zip(("row", "column"), e.shape, actual, strict=True):
            if wanted.subs(solved).value == found:
                continue
            pairs.append((wanted, dim(found)))
            trial = unify(pairs)
            if trial is None:
                _disagree(name, e, actual, side, wanted, solved, source)
            assert trial is not None
            for n in trial.keys() - source.keys():
                if trial[n].value is not None:
                    source[n] = f"from {name}"
            solved = trial
    return {n: d.value for n, d in solved.items() if d.value is not None}


def _disagree(
    name: str,
    e: Expr,
    actual: tuple[int, int],
    side: str,
    wanted: Dim,
    solved: Mapping[str, Dim],
    source: Mapping[str, str],
) -> None:
    known = [f"{n} = {solved[n]} ({source[n]})" for n in sorted(wanted.names) if n in source]
    because = f", with {', '.join(known)}" if known else ""
    raise ShapeError(
        f"{name} is {e.shape[0]}×{e.shape[1]}{because}, but its value is {actual[0]}×{actual[1]}: "
        f"the numbers of {side}s disagree"
    )


def _hold(name: str, e: Expr, value: Rows) -> None:
    """What was declared must hold for the numbers, as rules rely on it."""
    traits = e.traits
    if not traits:
        return
    import numpy as np

    a = np.array([[float(v) for v in row] for row in value])
    near = 1e-9 * (1 + float(np.abs(a).max()))
    flat = a.ravel()
    sums = a.sum() if a.shape[1] == 1 else a.sum(axis=1)  # of a matrix, each row is a sample
    short = a.T @ a if a.shape[0] >= a.shape[1] else a @ a.T

    def zero(b: object) -> bool:
        return bool(np.abs(np.asarray(b)).max(initial=0.0) <= near)

    facts: dict[str, Callable[[], object]] = {
        "symmetric": lambda: zero(a - a.T),
        "skew": lambda: zero(a + a.T),
        "diagonal": lambda: zero(a - np.diag(np.diag(a))),
        "lower": lambda: zero(np.triu(a, 1)),
        "upper": lambda: zero(np.tril(a, -1)),
        "orthogonal": lambda: zero(short - np.eye(len(short))),
        "invertible": lambda: np.linalg.matrix_rank(a) == len(a),
        "positive_definite": lambda: zero(a - a.T) and np.linalg.eigvalsh(a).min() > 0,
        "positive": lambda: flat.min() > 0,
        "nonnegative": lambda: flat.min() >= 0,
        "unit_interval": lambda: flat.min() >= 0 and flat.max() <= 1,
        "binary": lambda: bool(((a == 0) | (a == 1)).all()),
        "one_hot": lambda: bool(((a == 0) | (a == 1)).all() and (sums == 1).all()),
        "probability": lambda: flat.min() >= 0 and zero((sums - 1) * 1e-3),
        "unit_norm": lambda: abs(float(np.vdot(a, a)) - 1) <= 1e-6,
    }
    for trait in sorted(traits & facts.keys()):
        if not facts[trait]():
            raise UsageError(f"{name} is declared {trait}, but its value is not")


__all__ = ["Given", "bind", "from_json"]
