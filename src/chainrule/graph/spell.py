"""Formulas as a textbook writes them: ``(∂L/∂l₂₁ ⊙ [W₂₁ l₁ > 0]) l₁ᵀ``."""

from __future__ import annotations

from chainrule.expr import Expr, node, number, postorder, rebuild, symbols
from chainrule.graph.build import Graph, Node
from chainrule.graph.rules import adjoint, stacked_columns
from chainrule.ops import mul
from chainrule.write import unicode

UNVEC = "unvec(v) is the matrix whose stacked columns are v"
TIES = "[a > b] is 1 where it holds, 0 where not, and ½ at a tie of max or min"


def name_text(n: Node) -> str:
    """The name of a node, ``l₂₁``."""
    return unicode(node("symbol", (), (n.name,), n.shape))


def formula_text(n: Node) -> str:
    """Its formula; inputs have none."""
    return "" if n.op == "symbol" else spelled(n.formula, {})


def partial_text(g: Graph, n: Node) -> str:
    """``∂L/∂z``."""
    return f"∂{name_text(g.output)}/∂{name_text(n)}"


def rule_text(g: Graph, rule: Expr) -> str:
    """A local rule or a symbolic gradient."""
    words: dict[Expr, str] = {}
    for s in symbols(rule).values():
        name = s.name.removeprefix(f"d{g.output.name}_d")
        for n in (g.table.get(name), g.table.get(name.rstrip("_"))):
            if n is not None and adjoint(g, n) is s:
                words[s] = partial_text(g, n)
    return spelled(rule, words)


def gradient_lines(g: Graph) -> list[str]:
    """All symbolic gradients, from the output back to the inputs."""
    return list(gradient_texts(g).values())


def gradient_texts(g: Graph) -> dict[str, str]:
    """The same by name of node."""
    return {
        name: f"{partial_text(g, g.node(name))} = {rule_text(g, rule)}"
        for name, rule in g.symbolic_gradients().items()
    }


def spelled(e: Expr, words: dict[Expr, str]) -> str:
    """Unicode, with indicators for steps and with ``words`` for the given symbols."""
    memo: dict[Expr, Expr] = {}
    for item in postorder(e):
        if item in words:
            memo[item] = _word(words[item], item)
            continue
        inner = item.args[0] if item.args else item
        if item.op == "transpose" and inner in words:
            memo[item] = _word(f"({words[inner]})ᵀ", item)
            continue
        if item.op == "step":
            memo[item] = _word(f"[{unicode(memo[inner])} > 0]", item)
            continue
        inside = stacked_columns(item)
        if inside is not None:
            memo[item] = _word(f"unvec({unicode(memo[inside])})", item)
            continue
        side = _side(item, memo)
        same = rebuild(item, tuple(memo[a] for a in item.args)) if side is None else side
        memo[item] = same
    return unicode(memo[e])


def _word(text: str, like: Expr) -> Expr:
    """Finished text as a symbol, so that the writer sets no brackets inside it."""
    return node("symbol", (), (text,), like.shape)


def _side(e: Expr, memo: dict[Expr, Expr]) -> Expr | None:
    """½ (1 + sign(a − b)) is the share of a in max(a, b), written [a > b]."""
    if e.op not in ("mul", "hadamard"):
        return None
    shares = [_share(a, memo) for a in e.args]
    count = sum(s is not None for s in shares)
    if not count:
        return None
    new = tuple(memo[a] if s is None else s for a, s in zip(e.args, shares, strict=True))
    return mul(number(2**count), rebuild(e, new))


def _share(e: Expr, memo: dict[Expr, Expr]) -> Expr | None:
    if e.op != "add" or len(e.args) != 2 or e.args[0].op != "number" or e.args[0].value != 1:
        return None
    sign = e.args[1]
    less = sign.op == "mul" and len(sign.args) == 2 and sign.args[0].op == "number"
    if less and sign.args[0].value == -1:
        sign = sign.args[1]
    else:
        less = False
    if sign.op != "sign":
        return None
    return _word(f"[{_compared(sign.args[0], memo, '<' if less else '>')}]", e)


def _compared(gap: Expr, memo: dict[Expr, Expr], relation: str) -> str:
    if gap.op == "add" and len(gap.args) == 2:
        a, b = gap.args
        if b.op == "mul" and b.args[0].op == "number" and b.args[0].value == -1:
            other = mul(*(memo[x] for x in b.args[1:]))
            return f"{unicode(memo[a])} {relation} {unicode(other)}"
        if a.op == "mul" and a.args[0].op == "number" and a.args[0].value == -1:
            other = mul(*(memo[x] for x in a.args[1:]))
            return f"{unicode(memo[b])} {relation} {unicode(other)}"
    return f"{unicode(memo[gap])} {relation} 0"


__all__ = ["TIES", "UNVEC", "formula_text", "gradient_lines", "gradient_texts", "name_text",
           "partial_text", "rule_text", "spelled"]  # fmt: skip
