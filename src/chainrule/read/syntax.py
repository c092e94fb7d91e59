"""Text to a small untyped tree with places: the parser and its tree builder.

The tree is built bottom-up while lark's LALR parser runs, so nothing here recurses.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from functools import lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from chainrule.errors import ChainruleError, LimitError, ParseError
from chainrule.read import mistakes
from chainrule.read.names import SUPERSCRIPTS, plain_name
from chainrule.read.text import check

if TYPE_CHECKING:
    from lark import Lark


@dataclass(slots=True, eq=False)
class Node:
    """A piece of syntax.

    ``op`` is ``number name call apply add neg mul div frac hadamard ediv transpose pow epow entry
    range end indicator sigma prod member unit kd grad hessian``; more are made of these when names
    are settled (:mod:`chainrule.read.meaning`). ``value`` holds a number, a name, (name, order) of
    a call, the indices of an entry, (index, low, high) of a sum, (name, index) of a member;
    ``at``/``end`` are offsets into the text.
    """

    op: str
    args: list[Node] = field(default_factory=list)
    at: int = 0
    end: int = 0
    value: Any = None


@dataclass(slots=True)
class Statement:
    """``name = value`` or a bare value (``name`` is None); ``right`` is set for ``==``.

    ``parameters`` are those of ``f(x) = …``, ``indices`` those of ``z[i] = …``; ``step`` is 1 for
    a recursion, ``y[n+1] = …``; ``more`` are the sides of a chain behind the second one; ``sign``
    is the first relation sign; ``turned`` says that the transpose was defined, ``e' = …``.
    """

    name: str | None
    value: Node
    at: int
    right: Node | None = None
    parameters: tuple[str, ...] | None = None
    indices: tuple[str, ...] = ()
    step: int = 0
    more: tuple[Node, ...] = ()
    sign: Any = None
    turned: bool = False


PRODUCTS = {
    "*": "mul", "×": "mul", "·": "mul", "⋅": "mul", "∙": "mul", "•": "mul", "/": "div",
    "÷": "div", ".*": "hadamard", "⊙": "hadamard", "∘": "hadamard", "./": "ediv", "⊗": "kron",
}  # fmt: skip
MAX_DIGITS = 400
MAX_EXPONENT_DIGITS = 12


def postorder(root: Node) -> list[Node]:
    """All nodes, arguments first; no recursion."""
    out: list[Node] = []
    stack = [root]
    while stack:
        item = stack.pop()
        out.append(item)
        stack.extend(item.args)
    out.reverse()
    return out


def copied(root: Node, table: Mapping[str, Node] | None = None) -> Node:
    """The same tree anew, with names replaced by (copies of) other trees.

    Indices, ranges and the parts of members, which are kept as values, are copied as well.
    """
    table = table or {}
    memo: dict[int, Node] = {}
    for node in postorder(root):
        if node.op == "name" and node.value in table:
            memo[id(node)] = copied(table[str(node.value)])
            continue
        args = [memo[id(a)] for a in node.args]
        memo[id(node)] = Node(node.op, args, node.at, node.end, _copied_value(node.value, table))
    return memo[id(root)]


def _copied_value(value: Any, table: Mapping[str, Node]) -> Any:
    if isinstance(value, Node):
        return copied(value, table)
    if isinstance(value, (list, tuple)):
        return type(value)(_copied_value(v, table) for v in value)
    return value


class _Builder:
    """Callbacks of the grammar's rules, in lark's naming."""

    def start(self, children: list[Any]) -> list[Statement]:
        return children

    def statement(self, children: list[Any]) -> Statement:
        first: Node = children[0]
        if len(children) == 1:
            return Statement(None, first, first.at)
        sign = children[1]
        more = tuple(children[4::2])
        if sign == "==" or more:
            return Statement(None, first, first.at, right=children[2], more=more, sign=sign)
        if first.op == "name":
            return Statement(first.value, children[2], first.at)
        if first.op == "call" and all(a.op == "name" for a in first.args) and not first.value[1]:
            names = tuple(a.value for a in first.args)
            return Statement(first.value[0], children[2], first.at, parameters=names)
        return Statement(None, first, first.at, right=children[2], sign=sign)

    def sum(self, children: list[Any]) -> Node:
        if len(children) == 1:
            only: Node = children[0]
            return only
        terms = [children[0]]
        for sign, term in zip(children[1::2], children[2::2], strict=True):
            terms.append(term if sign == "+" else Node("neg", [term], sign.start_pos, term.end))
        return Node("add", terms, terms[0].at, terms[-1].end)

    def product(self, children: list[Any]) -> Node:
        left: Node = children[0]
        grown = False
        for sign, right in zip(children[1::2], children[2::2], strict=True):
            op = PRODUCTS[sign]
            if grown and op == left.op and op in ("mul", "hadamard"):
                left.args.append(right)
                left.end = right.end
                continue
            value: Any = None
            if op == "kron":
                op, value = "call", ("kron", 0)
            left = Node(op, [left, right], left.at, right.end, value)
            grown = True
        return left

    def factor(self, children: list[Any]) -> Node:
        result: Node = children[-1]
        for sign in reversed(children[:-1]):
            if sign != "+":
                result = Node("neg", [result], sign.start_pos, result.end)
        return result

    def postfix(self, children: list[Any]) -> Node:
        result: Node = children[0]
        for tail in children[1:]:
            result = tail(result)
        return result

    def transposed(self, children: list[Any]) -> Any:
        end = children[-1].end_pos

        def apply(base: Node) -> Node:
            if len(children) % 2 == 0:
                return base
            return Node("transpose", [base], base.at, end)

        return apply

    def raised(self, children: list[Any]) -> Any:
        op = "epow" if children[0].startswith(".") else "pow"
        exponent: Node = children[1]

        def apply(base: Node) -> Node:
            return Node(op, [base, exponent], base.at, exponent.end)

        return apply

    def exponent(self, children: list[Any]) -> Node:
        last = children[-1]
        if isinstance(last, Node):
            return self.factor(children)
        return Node("name", [], last.start_pos, last.end_pos, "T")

    def superscript(self, children: list[Any]) -> Any:
        token = children[0]
        if len(token) > MAX_EXPONENT_DIGITS:
            raise _Stop("this exponent has too many digits", token.start_pos, LimitError)
        value = int(token.translate(SUPERSCRIPTS))

        def apply(base: Node) -> Node:
            exponent = Node("number", [], token.start_pos, token.end_pos, Fraction(value))
            return Node("pow", [base, exponent], base.at, exponent.end)

        return apply

    def entry(self, children: list[Any]) -> Any:
        indices = [c for c in children if c is not None]

        def apply(base: Node) -> Node:
            end = max([base.end, *(i.end for i in indices)]) + 1
            return Node("entry", [base], base.at, end, indices)

        return apply

    def index(self, children: list[Any]) -> Node:
        only = children[0]
        if isinstance(only, Node):
            return only
        return Node("range", [], only.start_pos, only.end_pos)

    def number(self, children: list[Any]) -> Node:
        token = children[0]
        mantissa, _, exponent = token.lower().partition("e")
        if len(token) > MAX_DIGITS or (exponent and abs(int(exponent)) > MAX_DIGITS):
            raise _Stop("this number has too many digits", token.start_pos, LimitError)
        value = Fraction(mantissa.rstrip(".")) * Fraction(10) ** int(exponent or 0)
        return Node("number", [], token.start_pos, token.end_pos, value)

    def name(self, children: list[Any]) -> Node:
        token = children[0]
        return Node("name", [], token.start_pos, token.end_pos, plain_name(str(token)))

    def call(self, children: list[Any]) -> Node:
        token = children[0]
        args = [c for c in children[1:] if c is not None]
        bare = token.rstrip()
        name = bare.rstrip("'’′")
        end = max([token.end_pos, *(a.end for a in args)]) + 1
        return Node("call", args, token.start_pos, end, (plain_name(name), len(bare) - len(name)))

    def group(self, children: list[Any]) -> Node:
        only: Node = children[0]
        # A bracket ends the run of a product: (a*b)*c keeps (a*b) as one argument.
        return only

    def norm(self, children: list[Any]) -> Node:
        opening, inner, closing = children[:3]
        which = str(children[3])[-1] if len(children) > 3 else ""
        name = {"1": "norm1", "₁": "norm1", "2": "norm2", "₂": "norm2", "F": "normF"}.get(
            which, "norm"
        )
        return Node("call", [inner], opening.start_pos, closing.end_pos, (name, 0))

    def indicator(self, children: list[Any]) -> Node:
        left, sign, right = children
        return Node("indicator", [left, right], left.at, right.end, str(sign))

    def argument(self, children: list[Any]) -> Node:
        first: Node = children[0]
        if len(children) == 1:
            return first
        low, *steps, high = (c for c in children[1:] if isinstance(c, Node))
        return Node("range", [first], first.at, children[-1].end, (low, high, *steps))


class _Stop(Exception):
    """An error with a place, raised inside the tree builder."""

    def __init__(self, message: str, at: int, kind: type[ChainruleError] = ParseError) -> None:
        super().__init__(message)
        self.at, self.kind = at, kind


@lru_cache(maxsize=1)
def parser() -> Lark:
    """The LALR parser, made once, when the first text is read."""
    from lark import Lark

    grammar = files("chainrule.read").joinpath("grammar.lark").read_text(encoding="utf-8")
    return Lark(grammar, parser="lalr", lexer="basic", transformer=_Builder())


def parse(source: str) -> list[Statement]:
    """Statements of a text.

    Raises
    ------
    ParseError
        With the place and, where one is likely, a suggestion.
    LimitError
        Too long, too deep.
    """
    text = check(source)
    from lark.exceptions import UnexpectedInput

    try:
        statements: list[Statement] = parser().parse(text)  # type: ignore[assignment]
    except UnexpectedInput as error:
        raise mistakes.explain(error, text, source) from None
    except _Stop as stop:
        raise stop.kind(str(stop), source=source, at=stop.at) from None
    return statements
