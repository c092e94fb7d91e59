"""Reading a formula: text and declarations to an expression, with all that was assumed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

from chainrule.errors import ParseError, ShapeError
from chainrule.expr import Expr, symbols
from chainrule.read.build import build, variable
from chainrule.read.declare import Declaration, collect
from chainrule.read.kinds import KindConflict, assign, habit
from chainrule.read.meaning import Program, settle, started
from chainrule.read.patterns import COLUMN, MATRIX, ROW, SCALAR, pattern_of
from chainrule.read.sizes import Sizes
from chainrule.read.syntax import Node, Statement, copied, parse, postorder


@dataclass(frozen=True)
class Reading:
    """A formula that has been read.

    Attributes
    ----------
    expr
        Its value.
    source
        The text.
    variables
        Symbols by name: those that occur and those that are declared.
    assumed
        Sentences on kinds and sizes that nobody declared.
    definitions
        Values of the names defined in the text, in order.
    remarks
        Readings that may not be the intended ones.
    """

    expr: Expr
    source: str
    variables: dict[str, Expr]
    assumed: tuple[str, ...] = ()
    definitions: dict[str, Expr] = field(default_factory=dict)
    remarks: tuple[str, ...] = ()


def read(text: str, declarations: Sequence[str] = (), *, hints: Iterable[str] = ()) -> Reading:
    """Read one formula, with its definitions.

    Parameters
    ----------
    text
        In the language of the reference, for example ``x'*A*x``.
    declarations
        For example ``["A: n,n symmetric; x: n"]``.
    hints
        Names that are variables although they may not occur, such as the one to derive by.

    Raises
    ------
    ChainruleError
        With the place in the text.
    """
    return _read([parse(text)], [text], collect(declarations), hints)[0]


def is_latex(text: str) -> bool:
    """Commands, dollar signs and braces behind ``^`` and ``_`` are no part of the text language."""
    return any(sign in text for sign in ("\\", "$", "^{", "_{"))


def read_any(
    text: str,
    declarations: Sequence[str] = (),
    *,
    hints: Iterable[str] = (),
    latex: bool = False,
) -> Reading:
    """Read a formula in the text language or, where it looks like that or ``latex``, in LaTeX."""
    door = read_latex if latex or is_latex(text) else read
    return door(text, declarations, hints=hints)


def read_latex(
    text: str, declarations: Sequence[str] = (), *, hints: Iterable[str] = ()
) -> Reading:
    """Read one LaTeX formula, with the definitions and declarations written beside it.

    What LaTeX leaves open (juxtaposition, ``f(x)``, ``|X|``) is settled by declarations and sizes:
    the first reading in which all sizes agree is taken, and ``remarks`` says what was decided.

    Raises
    ------
    ChainruleError
        With the place in the text.
    """
    return _read_latex([text], collect(declarations), list(hints))[0]


def _read_latex(
    texts: list[str], given: Mapping[str, Declaration], hints: list[str]
) -> list[Reading]:
    """Formulas whose names mean the same, in the first way in which all sizes agree."""
    from chainrule.read.latex.known import Choices
    from chainrule.read.latex.reading import parse_statements, search, undelimited

    bare = [undelimited(text) for text in texts]

    def attempt(choices: Choices) -> list[Reading]:
        table = dict(given)
        statements: list[list[Statement]] = []
        remarks: list[str] = []
        for text in bare:
            parsed = parse_statements(text, table, hints, choices)
            table.update(parsed.declarations)
            statements.append(parsed.statements)
            remarks += parsed.remarks
        found = _read(statements, texts, table, hints, len(texts))
        return [replace(one, remarks=(*remarks, *one.remarks)) for one in found]

    readings, decided, _ = search(attempt)
    return [replace(one, remarks=(*one.remarks, *decided)) for one in readings]


def read_pair(
    a: str, b: str | None = None, declarations: Sequence[str] = ()
) -> tuple[Reading, Reading]:
    """Read two formulas whose names mean the same, or both sides of one ``a == b``.

    Both in the text language, or both in LaTeX (then one formula is an equation ``a = b``).
    """
    if is_latex(a + (b or "")):
        return _latex_pair(a, b, declarations)
    first = parse(a)
    if b is not None:
        left, right = _read([first, parse(b)], [a, b], collect(declarations), (), 2)
        return left, right
    last = first[-1]
    if last.right is None:
        raise ParseError("there is no == here: give two formulas or a == b", source=a, at=len(a))
    other = [Statement(None, last.right, last.right.at)]
    left, right = _read(
        [[*first[:-1], Statement(None, last.value, last.at)], other],
        [a, a], collect(declarations), (), 2,
    )  # fmt: skip
    return left, right


def _latex_pair(a: str, b: str | None, declarations: Sequence[str]) -> tuple[Reading, Reading]:
    from chainrule.read.latex.reading import sides

    if b is None:
        found = sides(a)
        if found is None:
            raise ParseError("there is no equation here: give two formulas or a = b", source=a)
        a, b = found
    left, right = _read_latex([a, b], collect(declarations), [])
    return left, right


def read_statements(
    before: Sequence[tuple[Statement, str]],
    sides: Sequence[tuple[Statement, str]],
    declared: Mapping[str, Declaration],
    macros: Sequence[Statement] = (),
    counts: Mapping[str, str] | None = None,
) -> list[Reading]:
    """The sides of one statement, which rely on definitions made before.

    ``macros`` are definitions with parameters, written out wherever they are applied; ``counts``
    names the number of members of families.

    The sides are compared with each other, so they have one size unless something speaks against
    it. Statements come with the text in which they stand.
    """
    pairs = [*before, *sides]
    texts = [[replace(s, value=copied(s.value))] for s, _ in pairs]
    found = _read(texts, [w for _, w in pairs], declared, (), len(sides), macros, counts)
    return found[len(before) :]


def _read(
    texts: list[list[Statement]],
    sources: list[str],
    declared: Mapping[str, Declaration],
    hints: Iterable[str],
    alike: int = 0,
    macros: Sequence[Statement] = (),
    counts: Mapping[str, str] | None = None,
) -> list[Reading]:
    """Readings with shared names; the last ``alike`` of them are compared with each other."""
    program = started(declared, macros, counts)
    hints = frozenset(hints)
    occurring = _names(texts) if len(texts) > 1 else frozenset()
    results: list[Node] = []
    where: list[str] = []
    for statements, source in zip(texts, sources, strict=True):
        results.append(settle(program, statements, source, hints, occurring)[-1])
        where += [source] * len(statements)
    sizes = _infer(program, results, where)
    for pair in pairwise(results[len(results) - alike :]):
        _same_if_possible(sizes, pair)
    sizes.solver.finish()
    sizes.christen()
    values = build(program, sizes, where)
    by_root = {id(root): e for root, e in zip(program.roots, values, strict=True)}
    occur = [
        n.value if n.op == "variable" else sizes.indices.name_of(n.value[0], sizes.shape(n))
        for r in program.roots for n in postorder(r) if n.op in ("variable", "member")
    ]  # fmt: skip
    names_in_order = dict.fromkeys([*occur, *program.declared])
    table = {name: variable(program, sizes, name) for name in names_in_order}
    definitions = {name: by_root[id(root)] for name, root in program.definitions.items()}
    assumed = tuple(_assumed(program, table))
    out = []
    for root, source in zip(results, sources, strict=True):
        expr = by_root[id(root)]
        used = [n for n in symbols(expr) if n in table]
        names = [*used, *(n for n in table if n not in used)]
        variables = {n: table[n] for n in names}
        remarks = tuple(program.remarks)
        out.append(Reading(expr, source, variables, assumed, definitions, remarks))
    return out


def _names(texts: list[list[Statement]]) -> frozenset[str]:
    """All plain names in several texts."""
    return frozenset(
        str(node.value)
        for statements in texts
        for s in statements
        for node in postorder(s.value)
        if node.op == "name"
    )


def _infer(program: Program, results: list[Node], where: list[str]) -> Sizes:
    conflict: KindConflict | None = None
    try:
        kinds = assign(program, results)
    except KindConflict as found:
        conflict, kinds = found, dict(found.guess)
        for name in program.variables:
            kinds.setdefault(
                program.twins.get(name, name),
                {"scalar": SCALAR, "vector": COLUMN, "matrix": MATRIX}[habit(name)],
            )
    sizes = Sizes(program, kinds)
    sizes.walk(where)
    if conflict is not None:
        source = next(
            w for w, r in zip(where, program.roots, strict=True) if conflict.node in postorder(r)
        )
        raise ShapeError("the sizes do not fit here", source=source, at=conflict.node.at)
    return sizes


def _same_if_possible(sizes: Sizes, results: tuple[Node, Node]) -> None:
    """Two formulas that are compared have the same size unless something speaks against it."""
    a, b = (sizes.shape(r) for r in results)
    if pattern_of(a) == pattern_of(b):
        sizes.solver.equal(a[0], b[0])
        sizes.solver.equal(sizes.solver.resolve(a[1]), sizes.solver.resolve(b[1]))


_USUAL = {SCALAR: "scalar", COLUMN: "vector", MATRIX: "matrix", ROW: "row"}


def _assumed(program: Program, table: dict[str, Expr]) -> list[str]:
    """Plain sentences on what was not declared."""
    from_use: list[str] = []
    by_habit: list[str] = []
    for name, e in table.items():
        if name in program.declared and program.declared[name].shape is not None:
            continue
        if name in program.twins:
            from_use.append(f"{name} has the size of {program.twins[name]}")
            continue
        kind = _USUAL[pattern_of(e.shape)]
        rows, cols = e.shape
        match kind:
            case "scalar":
                text = f"{name} is a scalar"
            case "vector":
                text = f"{name} is a vector {rows}"
            case "row":
                text = f"{name} is a row vector 1×{cols}"
            case _:
                text = f"{name} is a matrix {rows}×{cols}"
        if kind == habit(name) and name not in program.declared:
            by_habit.append(text)
        else:
            from_use.append(text)
    out = []
    if by_habit:
        out.append(", ".join(by_habit) + " (by habit of notation; sizes from use)")
    if from_use:
        out.append(", ".join(from_use) + " (from use)")
    return out
