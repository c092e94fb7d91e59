"""Index notation of a derivative, in the syntax of the language."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chainrule.expr import Expr, size_names, symbols
from chainrule.tensor.ir import Slot, Term, exponent_expr
from chainrule.tensor.reduce import reduce_term

if TYPE_CHECKING:
    from chainrule.calculus.forms import Derivative

LETTERS = "ijklpqrstuvabcdefghmn"
LIMIT = 2000  # characters


def index_form(d: Derivative) -> str:
    """``i,j,k,l: …`` for the entry ∂F[i,j]/∂X[k,l]."""
    taken = {*symbols(d.f), *size_names(d.f), d.x.name}
    letters = [c for c in LETTERS if c not in taken]
    letters += [f"i{n}" for n in range(1, 100)]
    names: dict[int, str] = {}
    for i in (*d.outs, *d.own):
        names[id(i)] = letters[len(names)]
    left = f"F{_at(d.out, names)}"
    head = f"d({left})/d({d.x.name}{_at(d.var, names)})"
    free = (*d.out, *d.var)
    parts = [_term(reduce_term(t, free), dict(names), letters) for t in d.terms]
    body = "0" if not parts else parts[0] + "".join(
        f" - {p[1:]}" if p.startswith("-") else f" + {p}" for p in parts[1:]
    )  # fmt: skip
    if len(body) > LIMIT:
        body = body[:LIMIT] + "…"
    return f"{head} = {body}"


def _at(where: tuple[Slot, ...], names: dict[int, str]) -> str:
    found = [names[id(i)] for i in where if i is not None]
    return f"[{','.join(found)}]" if found else ""


def _term(t: Term, names: dict[int, str], letters: list[str]) -> str:
    for b in t.bound:
        names.setdefault(id(b), letters[len(names) % len(letters)])
    factors = []
    for base, p in t.scalars.items():
        factors.append(_powered(_bracketed(base), p))
    for e, i, j, p in t.factors:
        factors.append(_powered(_bracketed(e) + _at((i, j), names), p))
    for c, d in t.deltas:
        factors.append(f"kd({names[id(c)]},{names[id(d)]})")
    for w, s, f in t.pairs:
        whole, slow, fast = (names.setdefault(id(x), letters[len(names)]) for x in (w, s, f))
        factors.append(f"[{whole}==({slow}-1)*{f.dim}+{fast}]")
    sign = "-" if t.coef < 0 else ""
    size = abs(t.coef)
    if size != 1 or not factors:
        factors.insert(0, str(size))
    body = "*".join(factors)
    for i in reversed(t.bound):
        body = f"sum({names[id(i)]}, {body})"
    return sign + body


def _bracketed(e: Expr) -> str:
    text = repr(e)
    call = text.endswith(")") and e.op not in ("add", "mul", "hadamard")
    return text if e.op == "symbol" or call else f"({text})"


def _powered(text: str, p: object) -> str:
    if p == 1:
        return text
    shown = repr(exponent_expr(p))  # type: ignore[arg-type]
    return f"{text}^{shown}" if shown.isalnum() else f"{text}^({shown})"
