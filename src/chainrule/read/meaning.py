"""What each name stands for: variable, definition, size, constant, function, differential.

Rewrites the syntax in place; afterwards the operations are ``number variable definition size
constant apply abstract add neg mul div frac hadamard ediv transpose pow epow entry member kd unit
sigma prod differential grad hessian``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction

from chainrule.dims import dim
from chainrule.errors import ChainruleError, ParseError, UnsupportedError, UsageError
from chainrule.ops import TABLE
from chainrule.read.binders import Bound, resolve_indices
from chainrule.read.declare import Declaration
from chainrule.read.forms import INFERRED, last_factor, make_gradient, settle_form
from chainrule.read.mistakes import FUNCTIONS, nearest
from chainrule.read.names import FAMILY
from chainrule.read.syntax import Node, Statement, copied, postorder


@dataclass(slots=True)
class Program:
    """Settled statements (``roots``), and what their names stand for."""

    declared: dict[str, Declaration]
    source: str = ""
    roots: list[Node] = field(default_factory=list)
    definitions: dict[str, Node] = field(default_factory=dict)
    variables: dict[str, Node] = field(default_factory=dict)
    parameters: dict[str, tuple[str, ...]] = field(default_factory=dict)
    twins: dict[str, str] = field(default_factory=dict)
    sizes: set[str] = field(default_factory=set)
    declared_sizes: frozenset[str] = frozenset()
    words: set[str] = field(default_factory=set)
    indices: dict[str, Bound] = field(default_factory=dict)
    free_indices: dict[str, None] = field(default_factory=dict)
    families: dict[str, None] = field(default_factory=dict)
    whole: set[str] = field(default_factory=set)
    bare: set[str] = field(default_factory=set)
    wanted: set[str] = field(default_factory=set)
    written: dict[str, Node] = field(default_factory=dict)
    macros: set[str] = field(default_factory=set)
    counts: dict[str, str] = field(default_factory=dict)
    by_entries: dict[str, tuple[tuple[str, ...], Node, int]] = field(default_factory=dict)
    remarks: dict[str, None] = field(default_factory=dict)

    def fail(
        self, message: str, node: Node, kind: type[ChainruleError] = ParseError
    ) -> ChainruleError:
        """An error with its place."""
        return kind(message, source=self.source, at=node.at)


def started(
    declared: Mapping[str, Declaration],
    macros: Iterable[Statement] = (),
    counts: Mapping[str, str] | None = None,
) -> Program:
    """A program without statements: what is declared, and how its sizes are called.

    ``macros`` are definitions with parameters, written out wherever they are applied; ``counts``
    names the number of members of families.
    """
    program = Program({n: d for n, d in declared.items() if d.kind != "size"})
    program.counts.update((b, n) for b, n in (counts or {}).items() if n not in program.declared)
    for s in macros:
        name = str(s.name)
        program.macros.add(name)
        program.written[name], program.parameters[name] = copied(s.value), s.parameters or ()
    shapes = [d.shape for d in declared.values() if d.shape is not None]
    program.declared_sizes = frozenset(n for s in shapes for d in s for n in d.names)
    program.declared_sizes |= declared.keys() - program.declared.keys()
    return program


def settle(
    program: Program,
    statements: list[Statement],
    source: str,
    hints: Iterable[str] = (),
    others: Iterable[str] = (),
) -> list[Node]:
    """Settle the names of some statements; returns their values in order.

    ``hints`` are variables under exactly that name, ``others`` names that occur elsewhere.
    """
    program.source = source
    roots: list[Node] = []
    for s in statements:
        if s.more:
            raise UnsupportedError(
                "a chain of equations has no single value: give one side",
                source=source, at=s.more[0].at,
            )  # fmt: skip
        if s.right is not None and s.sign == "=":
            raise ParseError(
                "the left side of '=' must be a name, as in r = A*x-b; write == for an equation",
                source=source, at=s.sign.start_pos,
            )  # fmt: skip
        if s.right is not None:
            raise ParseError(
                "an equation has no derivative: give one side, or ask whether both are equal",
                source=source, at=s.right.at,
            )  # fmt: skip
        roots.append(s.value)
    _declared_clashes(program, statements, source)
    hints = set(hints)
    for s in statements:
        if s.name and s.parameters:
            program.written[s.name] = copied(s.value)
            program.parameters[s.name] = s.parameters
        if s.name and s.indices:
            program.by_entries[s.name] = (s.indices, copied(s.value), s.step)
    program.wanted |= hints
    whole = {h for h in hints if FAMILY.match(h)} | {s.name for s in statements if s.name}
    resolve_indices(program, roots, whole)
    for root in roots:
        for node in postorder(root):
            settle_form(program, node)
    defined = {s.name for s in statements if s.name and not s.indices}
    defined |= program.definitions.keys()
    occurring = {n.value for root in roots for n in postorder(root) if n.op == "name"}
    applied = {n.value[0] for root in roots for n in postorder(root) if n.op == "call"}
    program.words |= occurring | applied
    known = occurring | program.declared.keys() | program.variables.keys() | hints | set(others)
    known -= defined
    done: list[Node] = []
    for s, root in zip(statements, roots, strict=True):
        for node in postorder(root):
            _name(program, node, known, defined)
        if s.name and not s.indices:
            program.definitions[s.name] = root
        done.append(root)
    program.roots += done
    return done


def _declared_clashes(program: Program, statements: list[Statement], source: str) -> None:
    seen: set[str] = set(program.definitions)
    for s in statements:
        if s.name is None:
            continue
        if s.name in seen:
            raise UsageError(f"{s.name} is defined twice", source=source, at=s.at)
        if s.name in program.declared:
            raise UsageError(
                f"{s.name} is declared as a variable and cannot be defined as well",
                source=source, at=s.at,
            )  # fmt: skip
        if s.name in FUNCTIONS or s.name == "pi":
            raise UsageError(
                f"'{s.name}' is already the name of a function; choose another",
                source=source, at=s.at,
            )  # fmt: skip
        seen.add(s.name)


def _name(program: Program, node: Node, known: set[str], defined: set[str]) -> None:
    match node.op:
        case "name":
            _plain_name(program, node, known, defined)
        case "call":
            _call(program, node, known, defined)
        case "div":
            upper, around = last_factor(node.args[0])
            lower = node.args[1]
            if (
                upper.op == "differential"
                and lower.op == "variable"
                and lower.value in program.twins
                and upper.value == "d" + str(upper.args[0].value)
            ):
                x = Node("variable", [], lower.at, lower.end, program.twins[lower.value])
                program.variables.setdefault(str(x.value), x)
                make_gradient(node, upper.args[0], x, upper.at, around)
        case "grad" | "hessian":
            _by_variable(program, node.args[1])


def _by_variable(program: Program, by: Node) -> None:
    """A derivative is taken by a variable, an intermediate, an entry or a member of a family."""
    inner = by.args[0] if by.op == "entry" else by
    inverse = (by.op == "apply" and by.value == "inv") or (
        by.op == "pow" and by.args[1].op == "neg" and by.args[1].args[0].value == 1
    )
    if inverse and by.args[0].op == "variable":
        return
    if inner.op not in ("variable", "definition", "member"):
        raise program.fail(
            "a derivative is taken by a variable or a defined name, not by an expression", by,
            UsageError,
        )  # fmt: skip


def _plain_name(program: Program, node: Node, known: set[str], defined: set[str]) -> None:
    name: str = node.value
    if name in program.definitions:
        node.op = "definition"
    elif name in program.declared:
        node.op = "variable"
    elif name in defined or (name[0] == "d" and name[1:] in defined - program.definitions.keys()):
        late = name if name in defined else name[1:]
        raise program.fail(f"{late} is used before it is defined", node, UsageError)
    elif (
        name in program.sizes or name in program.declared_sizes
        or name in program.indices or name in program.free_indices
    ):  # fmt: skip
        node.op, node.value = "size", dim(name)
    elif name == "pi":
        node.op, node.value = "constant", ("pi", (), Fraction(1))
    elif name in INFERRED:
        node.op, node.value = "constant", (name, None, Fraction(1))
    elif name == "I":
        raise program.fail(
            "is I the identity matrix? Then write eye(n) (or eye); "
            'if it is a variable, declare it: --var "I: n,n"', node, UsageError,
        )  # fmt: skip
    elif name in FUNCTIONS and name != "d":
        raise program.fail(f"{name} is a function: write {name}(…)", node)
    elif len(name) > 1 and name[0] == "d" and name[1:] in program.definitions:
        inner = Node("definition", [], node.at, node.end, name[1:])
        node.op, node.args, node.value = "differential", [inner], name
    else:
        node.op = "variable"
        if len(name) > 1 and name[0] == "d" and name[1:] in known:
            program.twins[name] = name[1:]
    if node.op == "variable":
        if name == "e" and name not in program.declared:
            program.remarks["e is read as a variable; the exponential function is exp(…)"] = None
        program.variables.setdefault(name, node)


def _call(program: Program, node: Node, known: set[str], defined: set[str]) -> None:
    name, order = node.value
    if name in program.definitions:
        parameters = program.parameters.get(name)
        same = parameters is not None and [a.value for a in node.args] == list(parameters)
        if same and not order:
            node.op, node.args, node.value = "definition", [], name
            return
        raise program.fail(
            f"{name} is defined above; use it by its name alone, or write {name}*(…) for a product",
            node, UsageError,
        )  # fmt: skip
    if name in defined:
        raise program.fail(f"{name} is used before it is defined", node, UsageError)
    if name in program.declared or name in known:
        prime = "'" * order
        raise program.fail(
            f"{name} is a variable, not a function; for a product write {name}{prime}*(…)", node
        )
    if name in FUNCTIONS:
        op = TABLE.get(name)
        if op is not None and op.arity is not None and len(node.args) != op.arity:
            raise program.fail(
                f"{name} takes {op.arity} argument{'s' * (op.arity != 1)}, not {len(node.args)}",
                node,
            )
        if not node.args:
            raise program.fail(f"{name} needs an argument", node)
        node.op, node.value = "apply", name
        return
    if name == "norm" and program.source[node.at : node.at + 1] == "‖":
        node.op, node.value = "apply", "norm"
        return
    suggestion = nearest(name)
    if suggestion is not None:
        raise program.fail(f"there is no function '{name}'; did you mean {suggestion}?", node)
    if len(node.args) != 1:
        raise program.fail(
            f"'{name}' is not a known function; an abstract function takes one argument, "
            f"not {len(node.args)}", node,
        )  # fmt: skip
    if name == "sigma":
        remark = "sigma is read as an abstract elementwise function; the logistic one is sigmoid(…)"
    elif name[0].isupper() and name not in ("Phi", "Psi", "Theta"):
        remark = (
            f"{name}(…) is read as an abstract elementwise function; for a product write {name}*(…)"
        )
    else:
        remark = f"{name} is read as an abstract elementwise function"
    program.remarks[remark] = None
    node.op = "abstract"
