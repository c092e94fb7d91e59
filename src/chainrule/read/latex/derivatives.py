"""Derivatives and differentials as they are written: fractions of ∂, ∇, ``\\mathrm d``."""

from __future__ import annotations

import re
from collections.abc import Sequence

from chainrule.read.latex.mlist import Item, Script
from chainrule.read.latex.names import base_of, labelled, scripted
from chainrule.read.latex.scripts import is_transpose, letter_of
from chainrule.read.latex.state import Cursor, Reader, call_node, is_symbol, name_node
from chainrule.read.latex.tidy import tidy
from chainrule.read.syntax import Node, copied

_MOVING = re.compile(r"(?<![A-Za-z\\])d\s*(\\(mathbf|boldsymbol|bm)\s*\{?)?[A-Zxyzw]")
"""A differential: with one in the formula, ``d (XY)`` is one too."""
BOLD = frozenset({"mathbf", "boldsymbol", "bm", "pmb", "bold", "bf", "vec"})


def _is_d(r: Reader, item: Item | None) -> bool:
    """∂, or a d in any face that is not a variable."""
    if item is None:
        return False
    if is_symbol(item, "∂"):
        return True
    return letter_of(item) == "d" and "d" not in r.known


def fraction(r: Reader, cursor: Cursor) -> Node:
    """A quotient, or a derivative of any shape."""
    item = cursor.take()
    over, under = tidy(item.body, r.known), tidy(item.more, r.known)
    if over and under and _is_d(r, over[0]) and _is_d(r, under[0]):
        return _derivative(r, cursor, item, over, under)
    a, b = r.expression(r, over), r.expression(r, under)
    return scripted(r, Node("frac", [a, b], item.at, item.end), item.scripts, item)


def _derivative(r: Reader, cursor: Cursor, item: Item, over: list[Item], under: list[Item]) -> Node:
    order = _order(r, over[0])
    by = _variables(r, under, item)
    end = item.end
    if len(over) > 1:
        f = r.expression(r, over[1:])
    else:
        if cursor.done:
            raise r.fail("what is to be differentiated is missing behind this ∂/∂", item)
        f = r.product(r, cursor)
        end = f.end
    if order == 2 and len(by) == 1:
        by = by * 2
    if len(by) != order:
        raise r.fail(f"order {order} above and {len(by)} variables below do not fit", item)
    if order == 1:
        node = _first(r, f, by[0], item.at, end)
    elif order == 2:
        node = _second(r, f, by, item, end)
    else:
        raise r.refuse(f"derivatives of order {order} are not supported", item)
    return scripted(r, node, item.scripts, item)


def _order(r: Reader, item: Item) -> int:
    for kind, value in item.scripts:
        if kind == "sup" and len(value) == 1 and value[0].kind == "number":
            return int(value[0].value)
        raise r.fail("this script on the ∂ is not understood", item)
    return 1


def _variables(r: Reader, under: list[Item], item: Item) -> list[list[Item]]:
    """What stands behind each ∂ below."""
    out: list[list[Item]] = []
    for inner in under:
        if _is_d(r, inner) and (not out or out[-1]):
            out.append([])
        elif not out:
            raise r.fail("this derivative is not understood", item)
        else:
            out[-1].append(inner)
    if any(not v for v in out):
        raise r.fail("the variable below is missing", item)
    return out


def _first(r: Reader, f: Node, by: list[Item], at: int, end: int) -> Node:
    bare, turned = _untransposed(by)
    x = r.expression(r, bare)
    if turned and x.op == "call" and x.value == ("vec", 0):  # ∂vec F/∂(vec X)ᵀ
        inner = f.args[0] if f.op == "call" and f.value == ("vec", 0) else f
        return Node("grad", [inner, x.args[0]], at, end, "vec")
    if x.op == "call" and x.value == ("vec", 0):
        return _by_vec(r, f, x.args[0], at, end)
    chosen = "row" if turned else layout(r)
    power = _by_power(x, f, at, end)
    if power is not None:
        return power
    if x.op == "transpose" and x.args[0].op == "entry":  # by x_i, row i of X as a column
        row = Node("grad", [f, x.args[0]], at, end)
        return row if chosen else Node("transpose", [row], at, end)
    return Node("grad", [f, x], at, end, chosen)


def _by_vec(r: Reader, f: Node, x: Node, at: int, end: int) -> Node:
    """``∂vec F/∂vec X`` is the Jacobian or its transpose; ``∂f/∂vec X`` is vec of the gradient."""
    if f.op != "call" or f.value != ("vec", 0):
        return call_node("vec", [Node("grad", [f, x], at, end)], at, end)
    jacobian = Node("grad", [f.args[0], x], at, end, "vec")
    turned = r.choices.pick("by vec", "∂vec F/∂vec X is read with outputs as rows",
                            "∂vec F/∂vec X is read with outputs as columns")  # fmt: skip
    return Node("transpose", [jacobian], at, end) if turned else jacobian


def _by_power(x: Node, f: Node, at: int, end: int) -> Node | None:
    """``∂f/∂σ²`` is ``∂f/∂σ / (2σ)``: the variance is a variable as good as its root."""
    if x.op != "pow" or x.args[0].op != "name" or x.args[1].op != "number":
        return None
    power = x.args[1].value
    if power < 2 or power.denominator != 1:
        return None
    slope = Node("pow", [copied(x.args[0]), Node("number", [], at, end, power - 1)], at, end)
    below = Node("mul", [copied(x.args[1]), slope], at, end)
    return Node("div", [Node("grad", [f, x.args[0]], at, end), below], at, end)


LAYOUT = "layout"
LAYOUT_SENTENCES = (
    "derivatives are read in gradient layout",
    "derivatives are read in numerator layout",
    "derivatives are read stacked, ∂vec F/∂(vec X)ᵀ",
)


def layout(r: Reader) -> str | None:
    """The layout in which derivatives are read, where the sizes leave only one."""
    return layout_of(r.choices.pick(LAYOUT, *LAYOUT_SENTENCES))


def layout_of(taken: int) -> str | None:
    """The layout by its number; None for the gradient layout."""
    return (None, "numerator", "vec")[taken]


def _second(r: Reader, f: Node, by: list[list[Item]], item: Item, end: int) -> Node:
    first, second = (_untransposed(_unsquared(v))[0] for v in by)
    x, y = r.expression(r, first), r.expression(r, second)
    if x.op != "name" or y.op != "name" or x.value != y.value:
        inner = Node("grad", [f, x], item.at, end)
        return Node("grad", [inner, y], item.at, end, layout(r))
    return Node("hessian", [f, x], item.at, end)


def _untransposed(items: list[Item]) -> tuple[list[Item], bool]:
    """``x^\\top`` below a derivative asks for a row."""
    last = items[-1]
    for n, (kind, value) in enumerate(last.scripts):
        if (kind == "sup" and is_transpose(value)) or (kind == "primes" and value == 1):
            rest = [s for m, s in enumerate(last.scripts) if m != n]
            bare = Item(last.kind, last.value, last.at, last.end, last.body, last.more, last.rows,
                        rest)  # fmt: skip
            return [*items[:-1], bare], True
    return items, False


def _unsquared(items: list[Item]) -> list[Item]:
    """``\\partial x^2`` below a second derivative."""
    last = items[-1]
    rest = [
        s for s in last.scripts
        if not (s[0] == "sup" and len(s[1]) == 1 and s[1][0].value == "2")
    ]  # fmt: skip
    bare = Item(last.kind, last.value, last.at, last.end, last.body, last.more, last.rows, rest)
    return [*items[:-1], bare]


def slashed(r: Reader, left: Node, cursor: Cursor) -> Node | None:
    """``\\partial f/\\partial x`` and ``df/dx`` on one line; the cursor stands behind the slash."""
    last = left.args[-1] if left.op == "mul" else left
    if last.op not in ("call", "name") or not _is_d(r, cursor.peek()) or cursor.peek(1) is None:
        return None
    if last.op == "call" and last.value == ("d", 0):
        f = last.args[0]
    elif last.op == "name" and str(last.value).startswith("d") and len(str(last.value)) > 1:
        f = name_node(str(last.value)[1:], last.at + 1, last.end)
    else:
        return None
    cursor.take()
    item = cursor.take()
    node = _first(r, f, [item], last.at, item.stop)
    if left.op == "mul":
        return Node("mul", [*left.args[:-1], node], left.at, node.end)
    return node


def differential(r: Reader, cursor: Cursor) -> Node | None:
    """``\\mathrm d X``, ``dX``, ``d(XY)``, ``\\partial f``; None if the next item is no d."""
    item = cursor.peek()
    if item is None or not _is_d(r, item) or item.scripts:
        return None
    following = cursor.peek(1)
    if following is None:
        return None
    upright = item.kind != "letter"
    if not upright and following.at > item.end and not _is_function_word(following):
        base = base_of(r, following)
        bracket = following.kind == "fence" and _MOVING.search(r.text) is not None
        if not bracket and (base is None or not _may_move(r, base.name, following)):
            return None
    if following.kind in ("letter", "command", "font", "accent", "word", "group"):
        base = base_of(r, following) if following.kind != "word" else None
        if base is None or _is_function_word(following):
            return _of_factor(r, cursor, item)
        cursor.take()
        cursor.take()
        base = labelled(r, base)
        if base.scripts and base.scripts[0][0] == "index":
            inner = scripted(
                r, name_node(base.name, base.at, base.end), base.scripts[:1], following
            )
            node = call_node("d", [inner], item.at, following.stop)
            return scripted(r, node, base.scripts[1:], following)
        if _inverted(base.scripts):  # nobody inverts a differential: dX^{-1} is that of X^{-1}
            name = name_node(base.name, base.at, base.end)
            inner = scripted(r, name, base.scripts, following)
            return call_node("d", [inner], item.at, following.stop)
        node = name_node(r.known.differential(base.name), item.at, base.end)
        if is_symbol(item, "∂"):
            node = call_node("d", [name_node(base.name, base.at, base.end)], item.at, base.end)
        return scripted(r, node, base.scripts, following)
    if following.kind in ("fence", "symbol", "fraction", "root"):
        if following.kind == "symbol" and following.value not in ("∑", "∏", "∇"):
            return None
        return _of_factor(r, cursor, item)
    return None


def _may_move(r: Reader, name: str, item: Item) -> bool:
    """Behind a d and a space: a name that is known, or set as a vector or matrix."""
    if name in r.known or name in r.known.functions:
        return True
    return (name[:1].isupper() and name != "I") or (item.kind == "font" and item.value in BOLD)


def _inverted(scripts: Sequence[Script]) -> bool:
    """``^{-1}``, ``^{-T}``."""
    return any(
        kind == "sup" and isinstance(value, list) and value[:1] and is_symbol(value[0], "-")
        and (is_transpose(value[1:]) or [i.value for i in value[1:]] == ["1"])
        for kind, value in scripts
    )  # fmt: skip


def _is_function_word(item: Item) -> bool:
    return (item.kind == "word" and len(item.value) > 1) or (
        item.kind == "command" and letter_of(item) is None
    )


def _of_factor(r: Reader, cursor: Cursor, item: Item) -> Node:
    from chainrule.read.latex.terms import factor

    cursor.take()
    following = cursor.peek()
    scripts: list[Script] = []
    if following is not None and following.kind == "fence":  # d(XY)^T is the transpose of d(XY)
        scripts, following.scripts = following.scripts, []
    inner = factor(r, cursor)
    node = call_node("d", [inner], item.at, inner.end)
    return scripted(r, node, scripts, following) if following is not None else node


def nabla(r: Reader, cursor: Cursor) -> Node:
    """``\\nabla_x f(x)``, ``\\nabla f(x)``, ``\\nabla^2 f(x)``."""
    item = cursor.take()
    by: list[Item] | None = None
    order = 1
    for kind, value in item.scripts:
        if kind == "sub":
            by = value
        elif kind == "sup" and len(value) == 1 and value[0].value == "2":
            order = 2
        else:
            raise r.fail("this script on ∇ is not understood", item)
    if cursor.done:
        raise r.fail("what ∇ is applied to is missing", item)
    place = cursor.at
    f = r.product(r, cursor)
    x = r.expression(r, by) if by is not None else _argument(r, f, cursor, place, item)
    op = "grad" if order == 1 else "hessian"
    return Node(op, [f, x], item.at, f.end)


def _argument(r: Reader, f: Node, cursor: Cursor, place: int, item: Item) -> Node:
    """The variable of ``\\nabla f(x)`` is x; of a defined f, its only argument."""
    fences = [i for i in cursor.items[place : cursor.at] if i.kind == "fence" and i.value == "()"]
    if len(fences) == 1 and len(fences[0].body) == 1:
        base = base_of(r, fences[0].body[0])
        if base is not None:
            return name_node(base.name, base.at, base.end)
    if f.op == "name":
        names = r.known.parameters.get(str(f.value), ())
        if len(names) == 1:
            return name_node(names[0], item.at, item.end)
    raise r.fail("by which variable is this ∇ taken? Write \\nabla_x", item)
