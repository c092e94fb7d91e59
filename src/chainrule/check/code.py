"""A gradient in code against the symbolic truth: which block is wrong, and the likely slip."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from chainrule.check.edit import spoken
from chainrule.check.layouts import Convention, written_out
from chainrule.check.mend import Search, Target, search
from chainrule.check.points import Clock, Points, quiet
from chainrule.check.pool import weight_of
from chainrule.check.reading import grad_node
from chainrule.check.rough import Board, close, readable
from chainrule.check.verdict import Slip
from chainrule.dims import ONE
from chainrule.errors import CertificateError, UsageError
from chainrule.expr import Expr, symbols
from chainrule.numeric.sample import Point
from chainrule.numeric.special import Array
from chainrule.read import Reading, read_any
from chainrule.write import plain

POINTS = 3
TOLERANCE = 1e-6
EXTRA = {"dropped_factor": "extra_factor", "extra_factor": "dropped_factor"}


@dataclass(frozen=True)
class Block:
    """What is wrong with the gradient by one variable.

    Attributes
    ----------
    name : str
        The variable.
    slip : Slip
        The likely slip, in words.
    wrong : tuple of (int, int)
        Entries that are wrong, counted from 1; empty where the shape is.
    expected, found : list
        At the first point where they differ.
    """

    name: str
    slip: Slip
    wrong: tuple[tuple[int, int], ...]
    expected: list[Any]
    found: list[Any]
    error: float


@dataclass(frozen=True)
class GradientReport:
    """Outcome of :func:`check_gradient`; true where all blocks agree, so it can be asserted.

    ``assert check_gradient(grad, "x'*A*x")`` is a whole test.
    """

    formula: str
    derivatives: dict[str, str]
    wrong: tuple[Block, ...]
    points: int
    max_relative_error: float

    @property
    def ok(self) -> bool:
        """Does the code compute the gradient?"""
        return not self.wrong

    def __bool__(self) -> bool:
        return self.ok

    def __repr__(self) -> str:
        return self.text()

    def text(self) -> str:
        """The report for people."""
        if self.ok:
            names = ", ".join(self.derivatives)
            return (f"the gradient of {self.formula} by {names} is right "
                    f"({self.points} points, error {self.max_relative_error:.0e})")  # fmt: skip
        lines = []
        for b in self.wrong:
            lines.append(f"the gradient of {self.formula} by {b.name} is wrong: {b.slip.message}")
            lines.append(f"  right is {self.derivatives[b.name]}")
            if b.wrong:
                lines.append(f"  wrong entries: {_places(b.wrong, np.shape(b.expected))}")
            lines.append(f"  expected {b.expected}")
            lines.append(f"  found    {b.found}")
        return "\n".join(lines)

    def require(self) -> GradientReport:
        """The report itself.

        Raises
        ------
        CertificateError
            With the text of the report, if the gradient is wrong.
        """
        if not self.ok:
            raise CertificateError(self.text())
        return self


def check_gradient(
    fn: Callable[..., Any], formula: str | Expr | Reading, *,
    at: Mapping[str, Any] | None = None, wrt: str | Sequence[str] | None = None,
    declarations: Sequence[str] = (), layout: str = "gradient", tolerance: float = TOLERANCE,
) -> GradientReport:  # fmt: skip
    """Compare a function that computes a gradient with the derivative of a formula.

    Parameters
    ----------
    fn
        Called with one argument per parameter, by the names of the formula's variables. Returns an
        array, or a tuple or dict of arrays for several variables; NumPy, JAX or PyTorch.
    formula
        The function that is differentiated, as text, LaTeX, expression or reading.
    at
        Values by name, passed on as they are; drawn at random where left out (vectors as 1-D
        arrays, three points of different sizes).
    wrt
        By which variables; default: the first parameter of ``fn``.
    layout
        In which layout ``fn`` answers.

    Raises
    ------
    UsageError
        If parameters and variables do not fit together.
    """
    f, known = _formula(formula, declarations)
    parameters = _parameters(fn, known)
    names = [wrt] if isinstance(wrt, str) else list(wrt or parameters[:1])
    for name in names:
        if name not in known:
            raise UsageError(f"{name} is no variable of the formula: say wrt=…")
    with quiet():
        truths = {n: written_out(grad_node(f, known[n]), Convention(layout)) for n in names}
        boards, given = _boards(f, truths, known, at)
        answers = [_answer(fn, parameters, names, at or _as_arrays(b.point, known))
                   for b in boards]  # fmt: skip
        wrong: list[Block] = []
        worst = 0.0
        for name in names:
            found = [a[name] for a in answers]
            block, error = _block(name, f, truths[name], boards, found, tolerance)
            worst = max(worst, error)
            if block is not None:
                wrong.append(block)
    shown = {n: plain(t) for n, t in truths.items()}
    return GradientReport(plain(f), shown, tuple(wrong), given, worst)


def _formula(
    formula: str | Expr | Reading, declarations: Sequence[str]
) -> tuple[Expr, dict[str, Expr]]:
    if isinstance(formula, str):
        formula = read_any(formula, declarations)
    if isinstance(formula, Reading):
        return formula.expr, {**symbols(formula.expr), **formula.variables}
    return formula, symbols(formula)


def _parameters(fn: Callable[..., Any], known: Mapping[str, Expr]) -> list[str]:
    try:
        names = [p.name for p in inspect.signature(fn).parameters.values()
                 if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD, p.KEYWORD_ONLY)
                 and (p.name in known or p.default is p.empty)]  # fmt: skip
    except (TypeError, ValueError):
        return list(known)
    strange = [n for n in names if n not in known]
    if strange and len(names) == len(known):  # other names: taken in the order of the formula
        return list(known)
    if strange:
        raise UsageError(
            f"the parameter {strange[0]} of the function is no variable of the formula; its "
            f"variables are {', '.join(known)}"
        )
    return names


def _boards(
    f: Expr, truths: Mapping[str, Expr], known: Mapping[str, Expr], at: Mapping[str, Any] | None
) -> tuple[list[Board], int]:
    if at is None:
        found = Points([f, *truths.values()], list(known.values())).first(POINTS)
        return found, len(found)
    missing = [n for n in symbols(f) if n not in at]
    if missing:
        raise UsageError(f"give a value for {missing[0]} as well")
    values: dict[str, Array] = {}
    sizes: dict[str, int] = {}
    for name, v in known.items():
        if name not in at:
            continue
        value = numpy_of(at[name])
        column = value.reshape(-1, 1) if v.shape[0] != ONE else value.reshape(1, -1)
        values[name] = value if value.ndim == 2 else column
        for d, n in zip(v.shape, values[name].shape, strict=True):
            if d.name is not None and sizes.setdefault(d.name, n) != n:
                raise UsageError(f"the size {d} is {sizes[d.name]} and {n} at the same time")
            if d.value is not None and d.value != n:
                raise UsageError(f"{name} should be {v.shape[0]}×{v.shape[1]}")
    return [Board(Point(sizes, values))], 1


def numpy_of(value: Any) -> Array:
    """An array of any library as a NumPy array of floats."""
    for method in ("detach", "cpu"):
        value = getattr(value, method)() if hasattr(value, method) else value
    return np.asarray(value, dtype=float)


def _as_arrays(point: Point, known: Mapping[str, Expr]) -> dict[str, Any]:
    """Numbers for scalars, 1-D arrays for columns."""
    out: dict[str, Any] = {}
    for name, value in point.values.items():
        v = known[name]
        out[name] = (float(value[0, 0]) if v.is_scalar else
                     value[:, 0].copy() if v.shape[1] == ONE else value.copy())  # fmt: skip
    return out


def _answer(
    fn: Callable[..., Any], parameters: Sequence[str], names: Sequence[str], at: Mapping[str, Any]
) -> dict[str, Array]:
    result = fn(*(at[p] for p in parameters))
    if isinstance(result, Mapping):
        return {n: numpy_of(result[n]) for n in names}
    if len(names) == 1:
        if isinstance(result, tuple) and len(result) == 1:
            result = result[0]
        return {names[0]: numpy_of(result)}
    if not isinstance(result, (tuple, list)) or len(result) != len(names):
        raise UsageError(f"the function should return {len(names)} gradients, one per variable")
    return {n: numpy_of(r) for n, r in zip(names, result, strict=True)}


def _block(
    name: str, f: Expr, truth: Expr, boards: Sequence[Board], found: Sequence[Array],
    tolerance: float,
) -> tuple[Block | None, float]:  # fmt: skip
    worst = 0.0
    bad: tuple[Array, Array, NDArray[np.intp]] | None = None
    answers: list[Array] = []
    for board, answer in zip(boards, found, strict=True):
        right = board.value(truth)
        if right is None:
            raise UsageError("the derivative has no value at this point")
        got = _shaped(answer, right)
        answers.append(got)
        if got.shape != right.shape:
            bad = bad or (right, got, np.array([], dtype=np.intp))
            continue
        gap = np.abs(got - right)
        error = float(gap.max(initial=0.0)) / max(float(np.abs(right).max(initial=0.0)), 1e-12)
        worst = max(worst, error)
        if not error <= tolerance and bad is None:
            bad = right, got, np.argwhere(~(gap <= tolerance * max(1e-12, np.abs(right).max())))
    if bad is None:
        return None, worst
    right, got, at = bad
    slip = _slip(f, truth, boards, answers)
    entries = tuple((int(i) + 1, int(j) + 1) for i, j in at) if at.size else ()
    return Block(name, slip, entries, _brief(right), _brief(got), worst), worst


def _shaped(answer: Array, right: Array) -> Array:
    """A 1-D answer for a column or a row; a number for 1×1."""
    if answer.ndim < 2 and answer.size == right.size and 1 in right.shape:
        return answer.reshape(right.shape)
    return answer if answer.ndim == 2 else np.atleast_2d(answer)


def _slip(f: Expr, truth: Expr, boards: Sequence[Board], answers: Sequence[Array]) -> Slip:
    """The edit of the right gradient that gives what the code computes."""
    pairs = [(b.value(truth), a) for b, a in zip(boards, answers, strict=True)]
    rights = [r for r, _ in pairs if r is not None]
    if not all(np.isfinite(a).all() for a in answers):
        return Slip("other", "the code returns numbers that are not finite")
    if all(r.shape != a.shape and r.shape == a.shape[::-1] and close(r.T, a)
           for r, a in zip(rights, answers, strict=True)):  # fmt: skip
        return Slip("layout", "the code returns the transpose")
    shape = "×".join(map(str, answers[0].shape))
    wanted = "×".join(map(str, rights[0].shape))
    names = tuple(symbols(truth, f).items())
    task = Search(truth, tuple(boards), (Target(None, tuple(answers)),), names, (), (f, truth),
                  (), frozenset())  # fmt: skip
    hits = search(task, Clock(1.5))
    if hits:
        hit = hits[0]
        edit = hit.edits[0]
        old, new = edit.shown or (edit.old, edit.new)
        what = f"the code computes {plain(readable(hit.expr))}"
        detail = f"{plain(readable(new))} instead of {plain(readable(old))}"
        if len(hit.edits) == 1 and weight_of(old) < weight_of(truth):
            what += f", with {detail}"
        return Slip(EXTRA.get(edit.kind, edit.kind), what)
    if answers[0].shape != rights[0].shape:
        return Slip("other", f"the code returns {shape}, the gradient is {wanted}")
    return Slip("other", spoken("the values differ", plain))


def _places(wrong: Sequence[tuple[int, int]], shape: tuple[int, ...]) -> str:
    """Whole rows or columns by name, else the entries."""
    rows, cols = {i for i, _ in wrong}, {j for _, j in wrong}
    m, n = shape if len(shape) == 2 else (1, 1)
    if len(wrong) == m * n and m * n > 1:
        return "all"
    if len(wrong) == len(rows) * n and n > 1:
        return "row " + ", ".join(map(str, sorted(rows)))
    if len(wrong) == len(cols) * m and m > 1:
        return "column " + ", ".join(map(str, sorted(cols)))
    return ", ".join(map(str, wrong[:8])) + (" …" if len(wrong) > 8 else "")


def _brief(a: Array) -> list[Any]:
    return [[float(f"{x:.6g}") for x in row] for row in a[:6, :6].tolist()]
