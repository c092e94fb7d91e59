"""Sizes of all parts of a formula, from declarations and use."""

from __future__ import annotations

from chainrule.dims import ONE, SCALAR, Dim, Shape
from chainrule.errors import IndexedNumberError, ShapeError, UnsupportedError
from chainrule.ops import TABLE
from chainrule.ops.build import half_size, product_hint
from chainrule.read.binders import END
from chainrule.read.indices import Indices
from chainrule.read.letters import christen
from chainrule.read.meaning import Program
from chainrule.read.patterns import BY_SIZE, COLUMN, MATRIX, ON_SQUARE, ROW, TO_SCALAR
from chainrule.read.solver import Solver
from chainrule.read.syntax import Node, postorder


class Sizes:
    """Shapes of all nodes of a program, by the identity of the node."""

    def __init__(self, program: Program, kinds: dict[str, int]) -> None:
        self.program = program
        self.kinds = kinds
        self.solver = Solver(frozenset(program.sizes - program.declared_sizes))
        self.shapes: dict[int, Shape] = {}
        self.variables: dict[str, Shape] = {}
        self.results: dict[str, Shape] = {}
        self.text = ""
        self.indices = Indices(self)
        for name, declared in program.declared.items():
            if declared.shape is not None:
                self.variables[name] = declared.shape
            elif declared.kind == "square":
                n = self.solver.fresh()
                self.variables[name] = (n, n)

    # -- driver ------------------------------------------------------------------------------

    def walk(self, sources: list[str]) -> None:
        """Sizes of every node; solves the equations met on the way.

        Raises
        ------
        ShapeError
            Where sizes disagree, with both sizes and where they came from.
        """
        names = {id(root): name for name, root in self.program.definitions.items()}
        for root, source in zip(self.program.roots, sources, strict=True):
            self.text = source
            for node in postorder(root):
                self.shapes[id(node)] = self._shape(node)
            if id(root) in names:
                self.results[names[id(root)]] = self.shapes[id(root)]
        self.indices.finish()
        stuck = self.solver.finish()
        self._identities()
        if stuck:
            a, b = (self.show_size(d) for d in stuck[0])
            raise ShapeError(f"the sizes {a} and {b} would have to be equal")

    def _identities(self) -> None:
        """An identity without a size that comes out 1×1 is a sign that sizes do not agree."""
        for root in self.program.roots:
            for node in postorder(root):
                bare = node.op == "constant" and node.value[:2] == ("eye", None)
                if bare and self.shape(node) == SCALAR:
                    raise self.fail("the identity here would have the size 1: sizes disagree", node)

    def shape(self, node: Node) -> Shape:
        """The shape of a node as far as it is known."""
        rows, cols = self.shapes[id(node)]
        return self.solver.resolve(rows), self.solver.resolve(cols)

    def variable(self, name: str) -> Shape:
        """The shape of a variable, made up from its kind when first met."""
        name = self.program.twins.get(name, name)
        shape = self.variables.get(name)
        if shape is None:
            declared = self.program.declared.get(name)
            kind = self.kinds.get(name, MATRIX if declared is None else -1)
            if kind == -1:
                assert declared is not None
                kind = {"vector": COLUMN, "row": ROW}.get(declared.kind, MATRIX)
            shape = self.variables[name] = self._of_kind(kind)
        return shape

    def _of_kind(self, kind: int) -> Shape:
        rows = ONE if kind & 2 else self.solver.fresh()
        return rows, ONE if kind & 1 else self.solver.fresh()

    # -- one operator ------------------------------------------------------------------------

    def _shape(self, node: Node) -> Shape:
        args = [self.shape(a) for a in node.args]
        match node.op:
            case "number" | "size":
                return SCALAR
            case "variable":
                return self.variable(node.value)
            case "definition":
                return self.results[node.value]
            case "constant":
                return self._constant(node)
            case "kd":
                self.indices.deltas.append(node.value)
                return SCALAR
            case "unit":
                length = node.value[1] if len(node.value) > 1 else self.solver.fresh()
                self.indices.meet(length, node.value[0], node)
                return length, ONE
            case "member":
                return self.indices.member(node)
            case "prod":
                self._square(node, args[0], "a product over an index")
                return args[0]
            case "neg" | "abstract" | "differential" | "sigma":
                return args[0]
            case "transpose":
                return args[0][1], args[0][0]
            case "add" | "hadamard" | "ediv":
                sign = {"add": "+", "hadamard": ".*", "ediv": "./"}[node.op]
                return self._spread(node, args, sign)
            case "mul":
                return self._product(node, args)
            case "frac":
                return self._fraction(node, args)
            case "div":
                if args[1] != SCALAR:
                    raise self.fail(
                        f"cannot divide by {self.describe(node.args[1])} with '/': write ./ for "
                        "the elementwise quotient or multiply by inv(…)", node.args[1],
                    )  # fmt: skip
                return args[0]
            case "pow" | "epow":
                return self._power(node, args)
            case "entry":
                return self._entry(node, args[0])
            case "grad" | "hessian":
                return self._derivative(node, args)
            case _:
                return self._function(node, args)

    def _constant(self, node: Node) -> Shape:
        name, sizes, _ = node.value
        if name == "pi":
            return SCALAR
        if sizes is None:
            if name == "eye":
                n = self.solver.fresh()
                return n, n
            return self._of_kind(self.kinds.get(f"#{id(node)}", MATRIX))
        if name == "eye":
            return sizes[0], sizes[0]
        if name == "unit":
            return sizes[0], ONE
        if name == "commut":
            return sizes[0] * sizes[1], sizes[0] * sizes[1]
        if name in ("dup", "elim"):
            whole, half = sizes[0] * sizes[0], half_size(sizes[0])
            return (whole, half) if name == "dup" else (half, whole)
        return sizes[0], sizes[1] if len(sizes) > 1 else ONE

    def _spread(self, node: Node, args: list[Shape], sign: str) -> Shape:
        first: Node | None = None
        shape: Shape = SCALAR
        for item, found in zip(node.args, args, strict=True):
            if found == SCALAR:
                continue
            if first is None:
                first, shape = item, found
                continue
            reason = self.excerpt(node)
            rows = self.solver.equal(shape[0], found[0], reason)
            if not rows or not self.solver.equal(shape[1], found[1], reason):
                flipped = (self.solver.resolve(found[1]), self.solver.resolve(found[0]))
                hint = "; is a transpose missing?" if flipped == self.shape(first) else ""
                raise self.fail(
                    f"sizes disagree at '{sign}': {self.describe(first)} and "
                    f"{self.describe(item)}" + hint, item,
                )  # fmt: skip
        return shape

    def _product(self, node: Node, args: list[Shape]) -> Shape:
        shape: Shape = SCALAR
        last = node.args[0]
        for item, found in zip(node.args, args, strict=True):
            found = (self.solver.resolve(found[0]), self.solver.resolve(found[1]))
            if found == SCALAR:
                continue
            if shape == SCALAR:
                shape = found
            elif self.solver.equal(shape[1], found[0], self.excerpt(node)):
                shape = (self.solver.resolve(shape[0]), self.solver.resolve(found[1]))
            else:
                raise self._bad_product(last, item, shape[1], found[0])
            last = item
        return shape

    def _bad_product(self, a: Node, b: Node, cols: Dim, rows: Dim) -> ShapeError:
        hint = product_hint(self.shape(a), self.shape(b))
        return self.fail(
            f"sizes disagree at '*': {self.describe(a)} times {self.describe(b)}: "
            f"{self.show_size(cols)} columns against {self.show_size(rows)} rows{hint}", b,
        )  # fmt: skip

    def _fraction(self, node: Node, args: list[Shape]) -> Shape:
        if args[1] == SCALAR:
            return args[0]
        if ONE not in args[1] and (args[0] == SCALAR or args[1][0] == args[1][1]):
            raise self.fail(
                f"a quotient by the matrix {self.describe(node.args[1])} may mean the inverse or "
                "the elementwise quotient; write ^{-1} or \\oslash", node.args[1],
            )  # fmt: skip
        self.program.remarks["a fraction of vectors is read elementwise"] = None
        return self._spread(node, args, "fraction bar")

    def _power(self, node: Node, args: list[Shape]) -> Shape:
        sign = "^" if node.op == "pow" else ".^"
        if args[1] != SCALAR:
            hint = ""
            if node.args[1].value == "T":
                hint = "; T is declared, so for the transpose write A'"
            raise self.fail(
                f"an exponent must be a scalar, not {self.describe(node.args[1])}{hint}",
                node.args[1],
            )
        if sign == "^" and ONE in args[0] and args[0] != SCALAR:
            raise self.fail(
                "only scalars and square matrices have powers '^', not "
                f"{self.describe(node.args[0])}; write .^ for the elementwise power", node,
            )  # fmt: skip
        if sign == "^":
            self._square(node, args[0], "the power '^'")
        return args[0]

    def _square(self, node: Node, shape: Shape, what: str) -> None:
        if not self.solver.equal(shape[0], shape[1], self.excerpt(node)):
            inner = node.args[0]
            raise self.fail(
                f"{what} needs a square matrix, but {self.describe(inner)} is not", inner
            )

    def _entry(self, node: Node, shape: Shape) -> Shape:
        if len(node.value) == 1:
            index = node.value[0]
            node.value = (index, None) if shape[1] == ONE else (None, index)
            if ONE not in shape or shape == SCALAR:
                text = f"one index needs a vector, but here is {self.describe(node.args[0])}"
                if shape == SCALAR:
                    text = "an index needs a vector, but this is one number"
                    raise IndexedNumberError(text, source=self.text, at=node.at)
                raise self.fail(text, node)
        for index, length in zip(node.value, shape, strict=True):
            if index is not None and index != END:
                self.indices.meet(length, index, node)
        return (
            shape[0] if node.value[0] is None else ONE,
            shape[1] if node.value[1] is None else ONE,
        )

    def _derivative(self, node: Node, args: list[Shape]) -> Shape:
        f, x = args
        if node.value == "vec":
            return f[0] * f[1], x[0] * x[1]
        if node.op == "hessian":
            if f != SCALAR:
                raise self.fail(
                    f"the Hessian needs a scalar, not {self.describe(node.args[0])}", node
                )
            return x[0] * x[1], x[0] * x[1]
        if f == SCALAR:
            return (x[1], x[0]) if node.value in ("row", "numerator") else x
        if x == SCALAR:
            return f
        if ONE not in f or ONE not in x:
            raise UnsupportedError(
                f"the derivative of {self.describe(node.args[0])} by "
                f"{self.describe(node.args[1])} has more than two indices and is not supported "
                "inside a formula; ask for it alone, in the layout vec",
                source=self.text, at=node.at,
            )  # fmt: skip
        return f[0] * f[1], x[0] * x[1]

    def _function(self, node: Node, args: list[Shape]) -> Shape:
        name: str = node.value
        shape = args[0]
        if name in ("max", "min"):
            return self._spread(node, args, name)
        if name == "kron":
            return shape[0] * args[1][0], shape[1] * args[1][1]
        if name in ("hcat", "vcat"):
            return self._stack(node, args, name == "hcat")
        if name in ON_SQUARE:
            self._square(node, shape, name)
        if name == "norm":
            node.value = "norm2" if ONE in shape else "normF"
        if name in BY_SIZE:
            return self._by_size(node, shape)
        if name in ("softmax", "logsoftmax", "logsumexp", "norm2") and ONE not in shape:
            rows = f"; {name}_rows takes every row by itself" if f"{name}_rows" in TABLE else ""
            rows = "; normF is the Frobenius norm" if name == "norm2" else rows
            raise self.fail(
                f"{name} needs a vector, but {self.describe(node.args[0])} is a matrix{rows}", node
            )
        if name in TO_SCALAR:
            return SCALAR
        match name:
            case "sum_rows" | "logsumexp_rows":
                return shape[0], ONE
            case "sum_cols":
                return ONE, shape[1]
            case "vec":
                return shape[0] * shape[1], ONE
            case "vech":
                return half_size(self.solver.resolve(shape[0])), ONE
            case "vmax":
                return shape[0], ONE
            case "pinv":
                return shape[1], shape[0]
            case "diag":
                if ONE in shape:
                    n = shape[0] * shape[1]
                    return n, n
                self._square(node, shape, name)
                return shape[0], ONE
            case _:
                return shape

    def _by_size(self, node: Node, shape: Shape) -> Shape:
        """``|X|`` and ``e^X``, which mean one thing for scalars and another for matrices."""
        remarks = self.program.remarks
        rows, cols = (self.solver.resolve(d) for d in shape)
        square = rows == cols and rows != ONE
        if node.value != "bars":
            name = "exp" if node.value == "epower" else str(node.value).rstrip("?")
            node.value = f"{name}m" if square else name
            if square:
                remarks[f"{name} of a square matrix is read as the matrix function"] = None
            elif name == "exp" and shape != SCALAR:
                remarks["e to the power of a vector or matrix is read elementwise"] = None
            return shape
        if not square and ONE not in (rows, cols):  # of sizes that nothing else tells
            square = self.solver.equal(rows, cols)
        node.value = "det" if square else "abs"
        if square:
            return SCALAR
        if shape != SCALAR:
            remarks["|…| is read as the absolute values of the entries"] = None
        return shape

    def _stack(self, node: Node, args: list[Shape], across: bool) -> Shape:
        other, along = (0, 1) if across else (1, 0)
        total = args[0][along]
        for item, found in zip(node.args[1:], args[1:], strict=True):
            if not self.solver.equal(args[0][other], found[other], self.excerpt(node)):
                raise self.fail(
                    f"{node.value}: {self.describe(node.args[0])} and {self.describe(item)} "
                    f"have different numbers of {'rows' if across else 'columns'}", item,
                )  # fmt: skip
            total = total + found[along]
        return (args[0][0], total) if across else (total, args[0][1])

    # -- messages ----------------------------------------------------------------------------

    def fail(self, message: str, node: Node, text: str | None = None) -> ShapeError:
        """A size error with its place."""
        return ShapeError(message, source=self.text if text is None else text, at=node.at)

    def excerpt(self, node: Node) -> str:
        """A short piece of the source."""
        text = " ".join(self.text[node.at : node.end].split())
        while text.startswith("(") and text.endswith(")") and "(" not in text[1:-1]:
            text = text[1:-1].strip()
        return text if len(text) <= 30 else text[:29] + "…"

    def describe(self, node: Node) -> str:
        """``A (m×n, declared)`` for messages."""
        rows, cols = (self.show_size(d) for d in self.shape(node))
        origin = ""
        if node.op == "variable":
            name = self.program.twins.get(node.value, node.value)
            if name in self.program.declared:
                origin = ", declared"
            else:
                parts = self.variables[name]
                why = [self.solver.reasons[n] for d in parts for n in d.names
                       if n in self.solver.reasons]  # fmt: skip
                origin = f", from {why[0]}" if why else ""
        return f"{self.excerpt(node)} ({rows}×{cols}{origin})"

    def show_size(self, size: Dim) -> str:
        """A size in readable names."""
        self.christen()
        return str(self.solver.resolve(size))

    def christen(self) -> None:
        """Give the sizes that stayed open readable names."""
        christen(self)
