"""Letters with their scripts: names, labels, entries, members, transposes, powers."""

from __future__ import annotations

from dataclasses import dataclass

from chainrule.read.latex.mlist import Item, Script
from chainrule.read.latex.scripts import (
    FREE_INDEX,
    FURTHER_INDEX,
    INDEX_LETTERS,
    Part,
    is_transpose,
    label_in,
    label_of,
    letter_of,
    parts,
)
from chainrule.read.latex.state import Reader, call_node, is_symbol, name_node, number_node
from chainrule.read.syntax import Node, postorder

HATS = frozenset({"hat", "tilde", "bar", "dot", "ddot", "check", "breve", "underline"})
MATRIX_SUBSCRIPTS = 2
DELTA = "delta"
SLOPE = "the slope of"
"""In the remark on a prime that was read as a derivative."""


@dataclass(slots=True)
class Base:
    """A name found, and the scripts that are not part of it."""

    name: str
    at: int
    end: int
    scripts: list[Script]


def base_of(r: Reader, item: Item) -> Base | None:
    """The name an item spells before its scripts; None if it is no name."""
    if item.kind == "accent":
        return _accented(r, item)
    if item.kind in ("font", "group") and len(item.body) == 1:
        inner = base_of(r, item.body[0])
        if inner is None:
            return None
        inner.at, inner.end = item.at, item.end
        inner.scripts = [*inner.scripts, *item.scripts]
        return inner
    if item.kind == "word":
        name = "".join(ch if ch.isalnum() else "_" for ch in item.value).strip("_")
        if not name or not name[0].isalpha():
            return None
        return Base(name, item.at, item.end, list(item.scripts))
    letter = letter_of(item)
    if letter is None:
        return None
    return Base(letter, item.at, item.end, list(item.scripts))


def _accented(r: Reader, item: Item) -> Base | None:
    if len(item.body) != 1 or item.value not in HATS:
        raise r.refuse(f"an accent over more than one letter (\\{item.value}) is not read", item)
    inner = base_of(r, item.body[0])
    if inner is None:
        return None
    accented = Base(f"{inner.name}_{item.value}", item.at, item.end, [])
    short = inner.name + item.value[0]
    if accented.name not in r.known and short in r.known:
        accented.name = short
    accented.scripts = [*inner.scripts, *item.scripts]
    return accented


def labelled(r: Reader, base: Base) -> Base:
    """Scripts that belong to the name (``W^{(21)}``, ``z_1``, ``l_{prev}``) joined to it."""
    left: list[Script] = []
    for kind, value in base.scripts:
        if kind == "sup" and isinstance(value, list):
            found = label_of(value)
            if found is not None:
                label, rest = found
                if label in r.bound:
                    left.append(("sub", list(value[0].body)))
                else:
                    base.name = r.known.spelled(base.name, label) or _joined(base.name, label)
                if rest:
                    left.append(("sup", rest))
                continue
            if len(value) == 1 and is_symbol(value[0], "*", "⋆"):
                base.name = r.known.spelled(base.name, "star") or f"{base.name}_star"
                continue
        if kind == "sub" and isinstance(value, list):
            rest_parts = _take_label(r, base, parts(value))
            if rest_parts:
                left.append(("index", rest_parts))
            continue
        left.append((kind, value))
    base.scripts = left
    return base


def _joined(name: str, label: str) -> str:
    """``W`` and ``21`` is ``W21``; a second label is set off."""
    return f"{name}{label}" if label.isdigit() and not name[-1].isdigit() else f"{name}_{label}"


def _take_label(r: Reader, base: Base, found: list[Part]) -> list[Part]:
    """The parts of a subscript that are indices; the others become part of the name."""
    if not found:
        return []
    text = "".join(p.text for p in found)
    whole = r.known.spelled(base.name, text)
    if whole is not None and not any(p.text in r.bound for p in found):
        base.name = whole
        return []
    if _are_indices(r, base.name, found):
        return found
    # z_{3,i}: a label, then an index
    for n in range(len(found) - 1, 0, -1):
        head, tail = found[:n], found[n:]
        label = "".join(p.text for p in head)
        known = r.known.spelled(base.name, label, families=True)
        numbers = all(p.kind == "number" for p in head)
        if (known or numbers) and all(_index_like(r, p) for p in tail):
            base.name = known or f"{base.name}_{head[0].text}"
            return tail
    if found[0].text in FREE_INDEX and r.known.kinds.get(base.name, r.known.seen.get(base.name)) \
            == "scalar":  # fmt: skip
        r.remark(f"{base.name}_{text} is read as a name of its own, as {base.name} is a scalar")
    base.name = f"{base.name}_{text}"
    return []


def _are_indices(r: Reader, name: str, found: list[Part]) -> bool:
    """Do the parts index into the name?"""
    if any(p.kind == "word" for p in found) or len(found) > MATRIX_SUBSCRIPTS:
        return False
    if any(p.kind == "all" for p in found):
        return len(found) == MATRIX_SUBSCRIPTS
    if name == DELTA and name not in r.known and len(found) == MATRIX_SUBSCRIPTS:
        return all(
            _index_like(r, p) or p.kind == "number" or _mentions(r, p) or p.text in FURTHER_INDEX
            for p in found
        )
    if any(_mentions(r, p) for p in found):
        return True
    if all(p.kind == "expression" and not p.text.strip("star") for p in found):
        return False  # x_\star
    if any(p.kind == "expression" and label_in(p) is None for p in found):
        return r.known.rank(name) == len(found) or (
            name in r.known.steps and len(found) == 1 and _shifted(found[0])
        )
    rank = r.known.rank(name)
    upper = name[:1].upper() + name[1:]
    if rank is None and name not in r.known and upper != name and r.known.rank(upper) == 2:
        return len(found) == MATRIX_SUBSCRIPTS or found[0].text in FREE_INDEX
    if rank == 1:
        letters = INDEX_LETTERS if name in r.known else FREE_INDEX
        return len(found) == 1 and (
            found[0].text in letters or (found[0].kind == "number" and _small(found[0]))
        )
    if rank == MATRIX_SUBSCRIPTS:
        row = name[0].islower() and found[0].text in FREE_INDEX
        return len(found) == MATRIX_SUBSCRIPTS or row
    if rank is None and name in r.known.functions and len(found) == 1:
        return found[0].kind in ("letter", "number")
    if rank is None and name in r.known and len(found) == 1:
        return found[0].text in FREE_INDEX
    if rank is None:
        return len(found) == MATRIX_SUBSCRIPTS and all(
            p.text in FREE_INDEX or label_in(p) for p in found
        )
    return False


def _shifted(p: Part) -> bool:
    """``j+1``: one step further."""
    values = [letter_of(i) or i.value for i in p.items]
    return len(values) == 3 and values[1:] == ["+", "1"]


def _small(p: Part) -> bool:
    return 0 < int(p.text) < 100


def _mentions(r: Reader, p: Part) -> bool:
    """Does a bound index occur in it?"""
    if p.text in r.bound:
        return True
    label = label_in(p)
    if label is not None:
        return label.rpartition("_")[2] in r.bound
    return p.kind == "expression" and any(letter_of(i) in r.bound for i in p.items)


def _index_like(r: Reader, p: Part) -> bool:
    return p.text in FREE_INDEX or p.text in r.bound


def index_node(r: Reader, p: Part) -> Node:
    """The index that a part of a subscript spells."""
    item = p.items[0]
    if p.kind == "all":
        return Node("range", [], item.at, item.end)
    if p.kind == "number":
        return number_node(int(p.text), item)
    label = label_in(p)
    if label is not None:
        return name_node(label, item.at, item.end)
    if p.kind == "expression":
        return r.expression(r, list(p.items))
    return name_node(p.text, item.at, item.end)


def indexed(r: Reader, base: Node, found: list[Part], end: int) -> Node:
    """An entry, a row, or a member of a family."""
    indices = [index_node(r, p) for p in found]
    if base.op != "name" and _general_entry(base, found):
        r.remark(f"[…]_{{{''.join(p.text for p in found)}}} is read as the entry that it shows")
        return base
    if base.op != "name":
        return Node("entry", [base], base.at, end, indices)
    name = str(base.value)
    rank = r.known.rank(name)
    if name == DELTA and name not in r.known and len(indices) == MATRIX_SUBSCRIPTS:
        r.remark(f"δ_{{{found[0].text}{found[1].text}}} is read as the Kronecker delta")
        return Node("kd", [], base.at, end, indices)
    upper = name[:1].upper() + name[1:]
    mine = name in r.known or name in r.known.seen
    said = upper in r.known or len(indices) > 1  # a single index asks for a declared matrix
    if not mine and said and upper != name and r.known.rank(upper) == MATRIX_SUBSCRIPTS:
        base.value = upper
        if len(indices) == 1:  # x_i, with X declared: its row i as a column
            r.remark(f"{name}_{found[0].text} is read as row {found[0].text} of {upper}, a column")
            row = Node("entry", [base], base.at, end, [indices[0], Node("range", [], end, end)])
            return Node("transpose", [row], base.at, end)
        return Node("entry", [base], base.at, end, indices)
    if len(indices) == 1 and rank == MATRIX_SUBSCRIPTS and name[0].islower():
        r.remark(f"{name}_{found[0].text} is read as row {found[0].text} of {name}, a column")
        row = Node("entry", [base], base.at, end, [indices[0], Node("range", [], end, end)])
        return Node("transpose", [row], base.at, end)
    if len(indices) == 1 and rank == MATRIX_SUBSCRIPTS:
        r.remark(f"{name}_{found[0].text} is read as column {found[0].text} of {name}")
        return Node("entry", [base], base.at, end, [Node("range", [], end, end), indices[0]])
    named = name in r.known or name in r.known.functions
    named = named and name not in r.known.wanted
    if len(indices) == 1 and not named and rank != MATRIX_SUBSCRIPTS:
        return Node("member", [], base.at, end, (name, indices[0]))
    return Node("entry", [base], base.at, end, indices)


def _general_entry(base: Node, found: list[Part]) -> bool:
    """``[a_{ij}]_{ij}``: the indices of the entry stand inside already."""
    if not all(p.text in FREE_INDEX for p in found):
        return False
    inside = {
        str(i.value) for n in postorder(base) if n.op == "entry" and isinstance(n.value, list)
        for i in n.value if i.op == "name"
    }  # fmt: skip
    return len(found) == MATRIX_SUBSCRIPTS and {p.text for p in found} <= inside


def scripted(r: Reader, node: Node, scripts: list[Script], item: Item) -> Node:
    """Apply the scripts that are left, in order."""
    end = item.stop
    for kind, value in _turned_first(scripts):
        if kind == "primes":
            assert isinstance(value, int)
            slope = _slope(r, node, value, item)
            if slope is not None:
                node = slope
            elif value % 2:
                node = Node("transpose", [node], node.at, end)
        elif kind == "index":
            assert isinstance(value, list)
            node = indexed(r, node, value, end)
        elif kind == "sub":
            assert isinstance(value, list)
            node = indexed(r, node, parts(value), end)
        else:
            assert isinstance(value, list)
            node = raised(r, node, value, item)
    return node


def _turned_first(scripts: list[Script]) -> list[Script]:
    """``X_{ij}^T`` is the entry i, j of the transpose: a number is not transposed."""
    out = list(scripts)
    for k in range(len(out) - 1):
        (kind, value), (above, power) = out[k : k + 2]
        entry = kind in ("index", "sub") and isinstance(value, list)
        if entry and above == "sup" and isinstance(power, list) and is_transpose(power):
            found = value if kind == "index" else parts(value)
            if len(found) == MATRIX_SUBSCRIPTS and all(p.kind != "all" for p in found):
                out[k], out[k + 1] = out[k + 1], out[k]
    return out


def _slope(r: Reader, node: Node, primes: int, item: Item) -> Node | None:
    """``f' = 2x`` of a defined ``f(x)``; a number is not transposed either.

    Raises
    ------
    UnsupportedError
        For a number of which nobody says what it depends on.
    """
    name = str(node.value) if node.op == "name" else ""
    if r.known.kinds.get(name) != "scalar":
        return None
    parameters = r.known.parameters.get(name, ())
    if len(parameters) != 1:
        raise r.refuse(f"{name}{chr(39) * primes} may be a derivative of the number {name}; "
                       "say by what", item)  # fmt: skip
    argument = name_node(parameters[0], node.at, node.end)
    r.remark(f"{name}{chr(39) * primes} is read as {SLOPE} {name}({parameters[0]})")
    return Node("call", [argument], node.at, item.stop, (name, primes))


def _power_of_t(r: Reader) -> bool:
    """With T a scalar of its own, is ``x^T`` a power? Only if the sizes ask for it."""
    if r.known.rank("T") not in (0, None):
        return False
    return bool(r.choices.pick("transpose", "^T is the transpose", "^T is a power, T is a scalar"))


def raised(r: Reader, node: Node, items: list[Item], item: Item) -> Node:
    """A superscript: transpose, inverse, pseudo-inverse, elementwise or ordinary power."""
    end = item.stop
    if is_transpose(items):
        if "T" in r.known and items[0].value == "T" and _power_of_t(r):
            return Node("pow", [node, name_node("T", items[0].at, items[0].end)], node.at, end)
        if items[0].value == "T" and r.known.rank("T") == 0:
            r.remark("^T is read as the transpose, although T is a scalar here")
        return Node("transpose", [node], node.at, end)
    first = items[0] if items else None
    if first is None:
        return node
    if is_symbol(first, "-") and is_transpose(items[1:]):
        inverse = Node("apply", [node], node.at, end, "inv")
        return Node("transpose", [inverse], node.at, end)
    if len(items) == 1 and is_symbol(first, "+", "†"):
        return call_node("pinv", [node], node.at, end)
    if is_symbol(first, "∘", "⊙") and len(items) > 1:
        exponent = r.expression(r, items[1:])
        return Node("epow", [node, exponent], node.at, end)
    if is_symbol(first, "′") and len(items) == 1:
        return Node("transpose", [node], node.at, end)
    if is_symbol(first, "*", "⋆") or (letter_of(first) == "H" and len(items) == 1):
        raise r.refuse("the conjugate transpose is not supported: matrices are real", first)
    if len(items) > 1 and is_transpose(items[-1:]):  # ^{-1 T}
        return Node("transpose", [raised(r, node, items[:-1], item)], node.at, end)
    exponent = r.expression(r, items)
    return Node("pow", [node, exponent], node.at, end)
