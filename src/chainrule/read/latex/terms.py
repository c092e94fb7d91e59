"""Terms: sums, products by juxtaposition, factors; the precedence of mathematics on paper."""

from __future__ import annotations

from fractions import Fraction

from chainrule.errors import LimitError
from chainrule.read.latex import brackets, constants, derivatives, functions, sums
from chainrule.read.latex.known import Choices, Known
from chainrule.read.latex.mlist import Item
from chainrule.read.latex.names import base_of, labelled, scripted
from chainrule.read.latex.scripts import letter_of
from chainrule.read.latex.state import Cursor, Reader, is_symbol, name_node, number_node
from chainrule.read.latex.symbols import RELATIONS
from chainrule.read.latex.tidy import tidy
from chainrule.read.syntax import Node

ELEMENTWISE = {"⊙": "hadamard", "∘": "hadamard", "⊘": "ediv", "⊗": "kron"}
TIMES = frozenset({"·", "×", "*"})
IJ = "ij"
ENDS = frozenset({"+", "-", "±", ",", ";", "␣", ":", "|", ".", "…", "&", "∣"}) | RELATIONS.keys()
MAX_DIGITS = 400
MAX_DEPTH = 90


def reader(text: str, known: Known, choices: Choices) -> Reader:
    """A reader of one formula."""
    return Reader(text, known, choices, expression, product)


def expression(r: Reader, items: list[Item]) -> Node:
    """A whole list of items as one expression.

    Raises
    ------
    ParseError, UnsupportedError
        With the place.
    """
    cursor = Cursor(tidy(_trimmed(items), r.known))
    if cursor.done:
        raise r.fail("something is missing here", items[0] if items else None)
    node = sum_(r, cursor)
    if not cursor.done:
        item = cursor.take()
        if item.kind == "stray":
            raise r.fail(f"this '{item.value}' closes nothing", item)
        if item.value in RELATIONS:
            raise r.fail(f"a relation '{item.value}' is not expected here", item)
        if item.value == "|":
            raise r.refuse("a condition p(·|·) or an evaluation f|_x is not supported", item)
        if item.value == "…":
            raise r.refuse("dots '…' stand for something that is not written", item)
        raise r.fail(f"'{item.value}' is not expected here", item)
    return node


def _trimmed(items: list[Item]) -> list[Item]:
    """Without spaces, and without the punctuation that ends a displayed formula."""
    out = [i for i in items if not is_symbol(i, "␣")]
    while out and is_symbol(out[-1], ".", ",", ";"):
        out.pop()
    return out


def sum_(r: Reader, cursor: Cursor) -> Node:
    """Terms with their signs."""
    terms: list[Node] = []
    first = cursor.peek()
    while True:
        sign = cursor.peek()
        if is_symbol(sign, "±"):
            raise r.refuse("the sign ± stands for two formulas; write one of them", sign)
        if is_symbol(sign, "+", "-"):
            cursor.take()
        elif terms:
            break
        negative = is_symbol(sign, "-")
        while is_symbol(cursor.peek(), "+", "-"):
            negative ^= is_symbol(cursor.take(), "-")
        if cursor.done:
            raise r.fail("something is missing after this sign", cursor.last)
        term = product(r, cursor)
        if negative:
            assert sign is not None
            term = Node("neg", [term], sign.at, term.end)
        terms.append(term)
    if len(terms) == 1:
        return terms[0]
    assert first is not None
    if any(t.op == "number" for t in terms):
        _beside_a_number(r, terms)
    return Node("add", terms, first.at, terms[-1].end)


def _beside_a_number(r: Reader, terms: list[Node]) -> None:
    """``1 − H²`` of a vector or matrix H: what is added to a number is taken entry by entry."""
    for term in terms:
        power = term.args[0] if term.op == "neg" else term
        if power.op != "pow" or power.args[0].op != "name" or power.args[1].op != "number":
            continue
        name = str(power.args[0].value)
        if r.known.rank(name):
            r.remark(f"the power of {name} beside a number is taken entry by entry")
            power.op = "epow"


def product(r: Reader, cursor: Cursor) -> Node:
    """Products joined by ⊙, ⊗ and the like, which bind less tightly than juxtaposition."""
    left = juxtaposed(r, cursor)
    grown = False
    while True:
        sign = cursor.peek()
        if sign is None or sign.kind != "symbol" or sign.value not in ELEMENTWISE or sign.scripts:
            return left
        cursor.take()
        right = _operand(r, cursor, sign)
        op = ELEMENTWISE[sign.value]
        if op == "kron":
            if _is_number(left) and _is_number(right):
                raise r.refuse("⊗ between matrices that are told apart by two indices", sign)
            left = Node("call", [left, right], left.at, right.end, ("kron", 0))
        elif grown and op == "hadamard" and left.op == "hadamard":
            left.args.append(right)
            left.end = right.end
        else:
            left = Node(op, [left, right], left.at, right.end)
        grown = True


def _is_number(node: Node) -> bool:
    """An entry: nobody writes ⊗ between numbers, so matrices are meant that have two labels."""
    return node.op == "entry" and len(node.value) == len(IJ) and all(
        i.op != "range" for i in node.value
    )  # fmt: skip


def _operand(r: Reader, cursor: Cursor, sign: Item) -> Node:
    """What follows an explicit operator; a minus sign may stand before it."""
    minus = cursor.peek() if is_symbol(cursor.peek(), "-", "+") else None
    if minus is not None:
        cursor.take()
    if not starts(cursor.peek()):
        raise r.fail(f"something is missing after this '{sign.value}'", sign)
    node = juxtaposed(r, cursor)
    if minus is not None and minus.value == "-":
        node = Node("neg", [node], minus.at, node.end)
    return node


def starts(item: Item | None) -> bool:
    """Can a factor begin here?"""
    if item is None or item.kind == "stray":
        return False
    if item.kind == "symbol":
        return item.value in ("∑", "∏", "∂", "∇", "⨂", "⨀", "∫", "∞", "ℝ", "∀") or (
            item.value not in ENDS and item.value not in ELEMENTWISE and item.value not in TIMES
            and item.value not in ("/", "÷")
        )  # fmt: skip
    return True


def juxtaposed(r: Reader, cursor: Cursor) -> Node:
    """Factors side by side, with ``\\cdot`` or a slash between them."""
    if not starts(cursor.peek()):
        item = cursor.peek()
        what = f"something is missing before this '{item.value}'" if item else "a factor is missing"
        raise r.fail(what, item or cursor.last)
    left = factor(r, cursor)
    grown = False
    while True:
        item = cursor.peek()
        if item is None:
            return left
        op = "mul"
        if is_symbol(item, *TIMES):
            cursor.take()
            if is_symbol(cursor.peek(), "-"):
                minus = cursor.take()
                inner = factor(r, cursor)
                right = Node("neg", [inner], minus.at, inner.end)
            elif not starts(cursor.peek()):
                raise r.fail(f"something is missing after this '{item.value}'", item)
            else:
                right = factor(r, cursor)
            if item.value == "·" and _dotted(r, item):
                left = Node("transpose", [left], left.at, left.end)
                grown = False
        elif is_symbol(item, "/", "÷"):
            cursor.take()
            if not starts(cursor.peek()):
                raise r.fail("something is missing after this slash", item)
            slash = derivatives.slashed(r, left, cursor)
            if slash is not None:
                left, grown = slash, False
                continue
            right, op = factor(r, cursor), "frac"
        elif starts(item):
            if item.kind == "number" and left.op == "name" and not grown:
                text = f"a number behind {left.value} may label it; write a product or a subscript"
                raise r.refuse(text, item)
            right = factor(r, cursor)
            masked = item.kind == "fence" and item.value == "[]" and brackets.compares(item.body)
            # ∂Q/∂Z [T > 0]: the entries where the condition holds
            beside = item.kind == "fence" and left.op in ("call", "mul")
            if masked or (beside and _entrywise(r, item)):
                op = "hadamard"
        else:
            return left
        if grown and op == "mul" and left.op == "mul":
            left.args.append(right)
            left.end = right.end
        else:
            left = Node(op, [left, right], left.at, right.end)
        grown = True


def _entrywise(r: Reader, item: Item) -> bool:
    """Is ``σ(z)(1 − σ(z))`` meant entry by entry?"""
    return bool(
        r.choices.pick(
            f"entries:{item.at}", "side by side is a product",
            "factors side by side are multiplied entry by entry",
        )
    )  # fmt: skip


def _dotted(r: Reader, item: Item) -> bool:
    """Is this dot the inner product of two columns?"""
    return bool(
        r.choices.pick(
            f"dot:{item.at}", "the dot is a product", "the dot is read as the inner product"
        )
    )


def factor(r: Reader, cursor: Cursor) -> Node:
    """One factor with its scripts.

    Raises
    ------
    LimitError
        For signs, functions and brackets nested too deep.
    """
    item = cursor.peek()
    if item is None:
        raise r.fail("something is missing here", cursor.last)
    if r.depth >= MAX_DEPTH:
        raise r.fail(f"formulas are nested more than {MAX_DEPTH} deep", item, LimitError)
    r.depth += 1
    try:
        return _factor(r, cursor, item)
    finally:
        r.depth -= 1


def _factor(r: Reader, cursor: Cursor, item: Item) -> Node:
    match item.kind:
        case "number":
            return _number(r, cursor.take())
        case "fence":
            return brackets.fence(r, cursor)
        case "group":
            cursor.take()
            inner = expression(r, item.body)
            return scripted(r, inner, item.scripts, item)
        case "fraction":
            return derivatives.fraction(r, cursor)
        case "root":
            cursor.take()
            inner = expression(r, item.body)
            if item.value and item.value != "2":
                if not item.value.isdigit():
                    raise r.refuse(f"a root of degree {item.value} is not supported", item)
                power = number_node(Fraction(1, int(item.value)), item)
                node = Node("pow", [inner, power], item.at, item.end)
            else:
                node = Node("call", [inner], item.at, item.end, ("sqrt", 0))
            return scripted(r, node, item.scripts, item)
        case "environment":
            return brackets.environment(r, cursor.take())
        case "symbol":
            return _sign(r, cursor)
    found = derivatives.differential(r, cursor)
    if found is None:
        found = functions.function(r, cursor)
    if found is None:
        found = constants.indicated(r, cursor) or _constant(r, cursor)
    return name(r, cursor) if found is None else found


def _number(r: Reader, item: Item) -> Node:
    if len(item.value) > MAX_DIGITS:
        raise r.fail("this number has too many digits", item)
    for kind, value in item.scripts:
        if kind == "sub" and item.value in ("0", "1"):
            node = constants.filled(r, "ones" if item.value == "1" else "zeros", value, item)
            rest = [s for s in item.scripts if s[1] is not value]
            return scripted(r, node, rest, item)
    return scripted(r, number_node(Fraction(item.value), item), item.scripts, item)


def _sign(r: Reader, cursor: Cursor) -> Node:
    item = cursor.peek()
    assert item is not None
    match item.value:
        case "∑" | "∏":
            return sums.big(r, cursor)
        case "∂":
            found = derivatives.differential(r, cursor)
            if found is not None:
                return found
        case "∇":
            return derivatives.nabla(r, cursor)
        case "⨂" | "⨀" | "∫":
            raise r.refuse(f"the sign {item.value} is not supported", item)
        case "∞":
            raise r.refuse("infinity is not supported", item)
    raise r.fail(f"'{item.value}' is not expected here", item)


def _constant(r: Reader, cursor: Cursor) -> Node | None:
    """The identity ``I``, ``\\mathbf 1``, ``\\bar 1``, ``e_i``, ``K_{m,n}``, π and e."""
    item = cursor.peek()
    assert item is not None
    node = constants.constant(r, item)
    if node is not None:
        cursor.take()
    return node


def name(r: Reader, cursor: Cursor) -> Node:
    """A variable with its scripts, or ``f(x)`` for a function."""
    item = cursor.peek()
    assert item is not None
    base = base_of(r, item)
    if base is None:
        if item.kind == "command":
            raise r.refuse(f"the command {item.value} is not supported", item)
        if item.kind == "word":
            raise r.refuse(f"the words '{item.value}' are not a formula", item)
        if item.kind == "font" and item.value == "mathbb":
            raise r.refuse("a set of numbers is not an expression", item)
        raise r.fail("this is not expected here", item)
    cursor.take()
    base = labelled(r, base)
    applied = functions.applied(r, cursor, base, item)
    if applied is not None:
        return applied
    if item.kind == "word" and len(item.value) > 3 and base.name not in r.known:
        if not item.value.isascii() or " " in item.value or not item.value.islower():
            raise r.refuse(f"the words '{item.value}' are not a formula", item)
    node = name_node(base.name, base.at, base.end)
    return scripted(r, node, base.scripts, item)


def single_name(r: Reader, items: list[Item]) -> str | None:
    """The plain name that a list of items spells, or None."""
    rest = tidy(_trimmed(items), r.known)
    if len(rest) != 1:
        return None
    if letter_of(rest[0]) is None and rest[0].kind not in ("font", "accent", "word", "group"):
        return None
    base = base_of(r, rest[0])
    if base is None:
        return None
    base = labelled(r, base)
    return base.name if not base.scripts else None


__all__ = ["expression", "name", "product", "reader", "single_name", "starts"]
