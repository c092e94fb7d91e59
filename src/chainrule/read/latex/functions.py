"""Functions applied, with brackets or without: ``\\exp(x)``, ``\\log\\det X``, ``\\sin^2 t``."""

from __future__ import annotations

from chainrule.errors import ChainruleError
from chainrule.read.latex import brackets, sums
from chainrule.read.latex.mlist import Item, Script
from chainrule.read.latex.names import Base, indexed, scripted
from chainrule.read.latex.scripts import Part, is_transpose, letter_of, parts
from chainrule.read.latex.state import Cursor, Reader, call_node, is_symbol, name_node, number_node
from chainrule.read.latex.symbols import FUNCTIONS, REFUSED, SCALAR_OF
from chainrule.read.syntax import Node

ABSTRACT = frozenset({"f", "g", "h", "phi", "psi", "Phi", "Psi", "rho", "varphi", "sigma"})
"""Letters that people use for functions rather than for factors."""
SIGMOID = "sigma"
ALWAYS = frozenset({SIGMOID, "phi", "psi", "Phi", "Psi"})
"""Letters that nobody multiplies a bracket by, unless they are declared."""
BY_ROWS = frozenset({"softmax", "logsoftmax", "logsumexp"})
OF_MATRICES = frozenset({"exp", "log", "sin", "cos", "sqrt"})


def known_function(r: Reader, item: Item) -> str | None:
    """The plain name of a function that an item spells."""
    if item.kind == "command":
        word = item.value[1:]
    elif item.kind == "word":
        word = item.value
    elif item.kind == "font" and all(i.kind == "letter" for i in item.body) and len(item.body) > 1:
        word = "".join(i.value for i in item.body)
    else:
        return None
    if word in r.known:
        return None
    lower = word.replace(" ", "").rstrip("*").lower()
    if lower in FUNCTIONS:
        return FUNCTIONS[lower]
    if lower in REFUSED and (item.kind == "command" or len(word) > 2):
        raise r.refuse(f"{REFUSED[lower]} (\\{word}) is not supported", item)
    return None


def function(r: Reader, cursor: Cursor) -> Node | None:
    """A named function with its argument; None if the next item is none."""
    item = cursor.peek()
    assert item is not None
    name = known_function(r, item)
    if name is None:
        return _extremal(r, cursor, item)
    cursor.take()
    order, before, base, after = _scripts(r, name, item)
    r.traces += name == "tr"
    try:
        args, tail = _arguments(r, cursor, item)
    finally:
        r.traces -= name == "tr"
    end = cursor.last.stop if cursor.last else item.end
    node = _call(r, name, args, item, end, order)
    if base is not None:  # log_2 x
        node = Node("frac", [node, call_node("log", [base], item.at, end)], item.at, end)
    for kind, value in before:
        node = scripted(r, node, [(kind, value)], item)
    for found in after:
        node = indexed(r, node, found, end)
    return scripted(r, node, tail[0].scripts, tail[0]) if tail else node


EXTREMAL = {"lambda": "eigmax", "v": "vmax", "u": "vmax"}
"""``\\lambda_{\\max}(A)`` and its unit eigenvector."""


def _extremal(r: Reader, cursor: Cursor, item: Item) -> Node | None:
    name = EXTREMAL.get(letter_of(item) or "")
    following = cursor.peek(1)
    if name is None or following is None or following.kind != "fence":
        return None
    if len(item.scripts) != 1 or item.scripts[0][0] != "sub":
        return None
    below = item.scripts[0][1]
    if len(below) != 1 or below[0].value.lstrip("\\") != "max":
        return None
    cursor.take()
    cursor.take()
    node = call_node(name, brackets.arguments(r, following), item.at, following.end)
    return scripted(r, node, following.scripts, following)


def _scripts(
    r: Reader, name: str, item: Item
) -> tuple[int, list[Script], Node | None, list[list[Part]]]:
    """Order of a derivative, powers of the result, the base of a logarithm, entries."""
    order, before, base = 0, [], None
    after: list[list[Part]] = []
    for kind, value in item.scripts:
        if kind == "primes":
            order += value
        elif kind == "sup" and len(value) == 1 and is_symbol(value[0], "∘", "⊙"):
            continue  # \exp^{\circ}: entry by entry
        elif kind == "sup":
            if len(value) == 2 and is_symbol(value[0], "-") and not is_transpose(value[1:]):
                raise r.refuse(f"{name}^(-1) may be the inverse function or 1/{name}", item)
            before.append((kind, value))
        elif name == "log":
            base = r.expression(r, value)
        elif name in ("max", "min"):
            raise r.refuse(f"the {name}imum over a variable is not supported", item)
        else:
            found = parts(value)
            if all(p.kind == "word" or p.text in "F2" for p in found):
                continue
            after.append(list(found))
    return order, before, base, after


def _arguments(r: Reader, cursor: Cursor, item: Item) -> tuple[list[Node], list[Item]]:
    """The arguments, and the bracket whose scripts belong to the result."""
    following = cursor.peek()
    if following is not None and following.kind == "fence" and following.value in brackets.ROUND:
        cursor.take()
        return brackets.arguments(r, following), [following]
    if following is None or is_symbol(following, "=", ",", "+", "·", "⊙"):
        raise r.fail(f"{item.value} needs an argument", item)
    negative = cursor.take() if is_symbol(following, "-") else None
    node = _bare_argument(r, cursor, item)
    if negative is not None:
        node = Node("neg", [node], negative.at, node.end)
    return [node], []


def _bare_argument(r: Reader, cursor: Cursor, item: Item) -> Node:
    """``\\log\\det X Y``: the factors that follow, up to the next sign or function."""
    from chainrule.read.latex.terms import factor, starts

    start = cursor.at
    nodes = [factor(r, cursor)]
    stops = [cursor.at]
    while starts(cursor.peek()):
        following = cursor.peek()
        assert following is not None
        if known_function(r, following) is not None or following.kind == "fraction":
            break
        nodes.append(factor(r, cursor))
        stops.append(cursor.at)
    if len(nodes) > 1:
        taken = r.choices.pick(
            f"extent:{item.at}",
            f"{item.value} is taken of all factors that follow",
            f"{item.value} is taken of the first factor only",
        )
        if taken:
            cursor.at = stops[0]
            nodes = nodes[:1]
    del start
    if len(nodes) == 1:
        return nodes[0]
    return Node("mul", nodes, nodes[0].at, nodes[-1].end)


def _call(r: Reader, name: str, args: list[Node], item: Item, end: int, order: int) -> Node:
    if order:
        return _derivative_of(r, name, args, item, end, order)
    if name == "cross_entropy":
        return _cross_entropy(r, args, item, end)
    if name == "logit":
        one = number_node(1, item)
        rest = Node("add", [one, Node("neg", [args[0]], item.at, end)], item.at, end)
        return call_node("log", [Node("ediv", [args[0], rest], item.at, end)], item.at, end)
    if name in BY_ROWS and len(args) == 1 and _by_rows(r, name, args[0], item):
        name = f"{name}_rows"
    if name in ("max", "min") and len(args) > 2:
        node = args[0]
        for a in args[1:]:
            node = call_node(name, [node, a], item.at, end)
        return node
    ringed = any(k == "sup" and len(v) == 1 and is_symbol(v[0], "∘", "⊙") for k, v in item.scripts)
    if r.traces and name in OF_MATRICES and not ringed:  # sizes decide on tr(sin(tA))
        return Node("apply", args, item.at, end, f"{name}?")
    return call_node(name, args, item.at, end)


def _by_rows(r: Reader, name: str, of: Node, item: Item) -> bool:
    """Is it taken of every row? Of a matrix it is."""
    if of.op == "name" and r.known.rank(str(of.value)) == len("mn"):
        r.remark(f"{name} of the matrix {of.value} is taken row by row")
        return True
    return bool(
        r.choices.pick(f"rows:{item.at}", f"{name} of a vector", f"{name} is taken row by row")
    )


def _derivative_of(
    r: Reader, name: str, args: list[Node], item: Item, end: int, order: int
) -> Node:
    """``\\sigma'(z)``, ``\\exp'(z)``: written out where the table has the slope."""
    if order > 1 or len(args) != 1:
        raise r.refuse(f"the derivative {name}{chr(39) * order}(…) is not supported", item)
    z = args[0]

    def of(function: str) -> Node:
        return call_node(function, [z], item.at, end)

    one = number_node(1, item)
    match name:
        case "sigmoid":
            rest = Node("add", [one, Node("neg", [of(name)], item.at, end)], item.at, end)
            return Node("hadamard", [of(name), rest], item.at, end)
        case "relu":
            return of("step")
        case "exp":
            return of("exp")
        case "sin":
            return of("cos")
        case "softplus":
            return of("sigmoid")
        case "abs":
            return of("sign")
        case "tanh":
            two = number_node(2, item)
            square = Node("epow", [of(name), two], item.at, end)
            return Node("add", [one, Node("neg", [square], item.at, end)], item.at, end)
    raise r.refuse(f"the derivative {name}'(…) is not supported; write it out", item)


def _cross_entropy(r: Reader, args: list[Node], item: Item, end: int) -> Node:
    """−Σ y log ŷ; which of the two is the prediction is told by its hat."""
    if len(args) == 1:
        r.remark("CE(θ) is read as the cross entropy of y and softmax(θ)")
        guess = call_node("softmax", args, item.at, end)
        args = [name_node("y", item.at, end), guess]
    if len(args) != 2:
        raise r.refuse("the cross entropy needs two arguments, CE(y, ŷ)", item)
    truth, guess = args
    if (truth.op == "name" and str(truth.value).endswith("hat")) or truth.value == "yh":
        truth, guess = guess, truth
    r.remark("CE(y, ŷ) is read as -sum(y.*log(ŷ)), with ŷ the prediction")
    log = call_node("log", [guess], item.at, end)
    product = Node("hadamard", [truth, log], item.at, end)
    return Node("neg", [call_node("sum", [product], item.at, end)], item.at, end)


def applied(r: Reader, cursor: Cursor, base: Base, item: Item) -> Node | None:
    """``f(x)``, ``\\phi'(z)``, ``\\sigma(z)``: a letter with an argument in brackets behind it."""
    following = cursor.peek()
    if following is None or following.kind != "fence" or following.value not in ("()", "[]"):
        return None
    name = base.name
    if any(is_symbol(i, "…") for i in following.body):  # p(x_1, …, x_n): that of all of them
        cursor.take()
        _count(r, following)
        whole = name if name in r.known and name not in r.known.parameters else f"{name}_joint"
        joint = name_node(whole, item.at, following.end)
        return scripted(r, scripted(r, joint, base.scripts, item), following.scripts, following)
    if _by_itself(item, following):
        return None
    primes = sum(int(v) for k, v in base.scripts if k == "primes")
    others = [s for s in base.scripts if s[0] != "primes"]
    if name in r.known.parameters:
        cursor.take()
        args = brackets.arguments(r, following, bars=True)
        node = call_node(name, args, item.at, following.end, primes)
        return scripted(r, scripted(r, node, others, item), following.scripts, following)
    if name in r.known or (others and others[0][0] != "sup"):
        return None
    if _several(following):
        return _sample(r, cursor, base, item)
    root = name.split("_")[0]
    operator = _is_operator(item)
    likely = root in ABSTRACT or bool(primes) or operator
    if not likely and (name[0].isupper() or not _one_argument(following)):
        return None
    if following.value == "[]" and not likely:
        return None
    first, second = f"{name}(…) is read as a function", f"{name}(…) is read as a product"
    if not likely:
        first, second = second, first
    if root not in ALWAYS and not operator:
        taken = r.choices.pick(f"apply:{name}", first, second)
        if bool(taken) == likely:
            return None
    cursor.take()
    args = brackets.arguments(r, following)
    end = following.end
    if root == SIGMOID and not operator:
        node = _call(r, "sigmoid", args, item, end, primes)
    else:
        node = call_node(name, args, item.at, end, primes)
    if primes and len(args) == 1:
        taken = r.choices.pick(
            f"diagonal:{root}",
            f"{name}'(…) is a vector",
            f"{name}'(…) is read as the diagonal matrix of the derivatives",
        )
        if taken:
            node = call_node("diag", [node], item.at, end)
    for script in others:  # f^2(x) is the power of the value
        node = scripted(r, node, [script], item)
    return scripted(r, node, following.scripts, following)


def _by_itself(item: Item, fence: Item) -> bool:
    """``σ(1 − σ)``: times one minus itself, as nobody applies a function to its own name."""
    own = letter_of(Item(item.kind, item.value, item.at, item.end, item.body))
    following = [*fence.body[1:], None]
    return own is not None and any(
        letter_of(i) == own and (after is None or after.kind != "fence")
        for i, after in zip(fence.body, following, strict=True) if not i.scripts
    )  # fmt: skip


def _is_operator(item: Item) -> bool:
    """Set as ``\\operatorname{…}``: a function, whatever its name."""
    return item.kind == "word" and any(i.value.startswith("\\operatorname") for i in item.more)


def _count(r: Reader, fence: Item) -> None:
    """``x_1, x_2, …, x_n`` says how many there are."""
    for item in fence.body:
        below = [v for k, v in item.scripts if k == "sub"]
        letter = letter_of(below[0][0]) if len(below) == 1 and len(below[0]) == 1 else None
        base = letter_of(item)
        if letter is not None and base is not None:
            r.counts[base] = letter


def _several(fence: Item) -> bool:
    """More than one argument, as in ``f(x; w)`` and ``p(y|x)``."""
    return any(is_symbol(i, ",", ";", "|", "∣") for i in fence.body)


def _sample(r: Reader, cursor: Cursor, base: Base, item: Item) -> Node:
    """``f(x^{(i)}; w)`` of a function that nobody defined: its value at sample i, f_i."""
    fence = cursor.take()
    inside = sums.subscripts(fence.body) & set(r.bound)
    if len(inside) > 1:
        raise r.refuse(f"an unspecified function {base.name} of several indices", item)
    node: Node = name_node(base.name, base.at, base.end)
    if inside:
        index = inside.pop()
        r.remark(f"{base.name}(…) is read as {base.name}_{index}, a value for each {index}")
        node = Node("member", [], base.at, fence.end,
                    (base.name, name_node(index, fence.at, fence.at)))  # fmt: skip
    else:
        r.remark(f"{base.name}(…) is read as the value {base.name}")
    return scripted(r, scripted(r, node, base.scripts, item), fence.scripts, fence)


def _one_argument(fence: Item) -> bool:
    """A single letter in the brackets, as in ``u(t)``."""
    return len(fence.body) == 1 and letter_of(fence.body[0]) is not None


__all__ = ["SCALAR_OF", "ChainruleError", "applied", "function", "known_function", "name_node"]
