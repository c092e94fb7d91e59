"""What people mistype, and what they meant: suggestions for names and for broken syntax."""

from __future__ import annotations

import re
from difflib import SequenceMatcher
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from chainrule.errors import ParseError, UnsupportedError
from chainrule.ops import TABLE
from chainrule.read.names import GREEK_NAMES

if TYPE_CHECKING:
    from chainrule.errors import ChainruleError

_INTERNAL = {"add", "mul", "hadamard", "transpose", "pow", "epow", "call", "differential", "sigma"}
DERIVATIVES = frozenset({"d", "grad", "jac", "hessian"})
FUNCTIONS = (
    frozenset(n for n in TABLE if n not in _INTERNAL)
    | DERIVATIVES
    | {
        "vector",
        "matrix",
        "kd",
    }
)
"""Every name that may be applied to something and has a meaning of its own."""

LATER: dict[str, str] = {}
"""Names that are spoken for but cannot be used yet."""

SYNONYMS = {
    "trace": "tr({})", "Trace": "tr({})", "transpose": "({})'", "inverse": "inv({})",
    "invert": "inv({})", "ln": "log({})",
    "norm": "norm2({}) for a vector or normF({}) for a matrix",
    "determinant": "det({})", "logabsdet": "logdet({})", "lndet": "logdet({})",
    "identity": "eye({})", "id": "eye({})", "Id": "eye({})", "one": "ones({})",
    "zero": "zeros({})",
    "arctg": "arctan({})", "tg": "tan({})", "asin": "arcsin({})", "acos": "arccos({})",
    "atan": "arctan({})", "sgn": "sign({})", "signum": "sign({})", "heaviside": "step({})",
    "logistic": "sigmoid({})", "sigm": "sigmoid({})", "lse": "logsumexp({})",
    "kronecker": "kron({})", "hstack": "hcat({})", "vstack": "vcat({})", "average": "mean({})",
    "pseudoinverse": "pinv({})", "adjugate": "adj({})", "adjoint": "adj({})",
    "normf": "normF({})", "fro": "normF({})", "frobenius": "normF({})", "gammaln": "lgamma({})",
    "loggamma": "lgamma({})", "gradient": "grad({})", "jacobian": "jac({})",
    "hess": "hessian({})",
    "matexp": "expm({})", "matlog": "logm({})", "maximum": "max({})", "minimum": "min({})",
    "lambdamax": "eigmax({})", "log2": "log({})/log(2)", "log10": "log({})/log(10)",
    "square": "({}).^2", "sqr": "({}).^2", "pow": "{} with the sign ^", "diagm": "diag({})",
    "hadamard": "{} with the sign .*", "dot": "{} with ' and *, as in x'*y",
    "eyes": "eye({})", "leaky_relu": "leakyrelu({})", "log_softmax": "logsoftmax({})",
    "var": "mean(({}-mean({})).^2)",
}  # fmt: skip


def nearest(name: str) -> str | None:
    """The known function that ``name`` is probably a slip of, or None."""
    if name in SYNONYMS:
        return SYNONYMS[name].format("…", "…").strip()
    lower = name.lower()
    if lower != name and (lower in FUNCTIONS or lower in SYNONYMS):
        return f"{lower}(…)" if lower in FUNCTIONS else nearest(lower)
    if len(name) < 3 or name in GREEK_NAMES:
        return None
    close = [f for f in sorted(FUNCTIONS) if len(f) >= 3 and _slip(name, f)]
    if not close:
        return None
    best = max(close, key=lambda f: SequenceMatcher(None, name, f).ratio())
    return f"{best}(…)"


@lru_cache(maxsize=4096)
def _slip(name: str, known: str) -> bool:
    """One letter missing, added, changed or two neighbours swapped; two slips in long names."""
    if abs(len(name) - len(known)) > 2 or name[-1].isdigit() != known[-1].isdigit():
        return False
    allowed = 1 if len(known) <= 6 else 2
    if len(known) == 3 and sorted(name) != sorted(known) and len(name) == len(known):
        return False  # three letters with one changed: too many honest names look like that
    return _distance(name, known) <= allowed


def _distance(a: str, b: str) -> int:
    """Edits, with a swap of neighbours as one."""
    older: list[int] = []
    old = list(range(len(b) + 1))
    for i, ch in enumerate(a, 1):
        row = [i]
        for j, other in enumerate(b, 1):
            cost = min(old[j] + 1, row[-1] + 1, old[j - 1] + (ch != other))
            if i > 1 and j > 1 and ch == b[j - 2] and a[i - 2] == other:
                cost = min(cost, older[j - 2] + 1)
            row.append(cost)
        older, old = old, row
    return old[-1]


_OPERATORS = set("+-−–*/^=,:×·⋅∙•÷⊙∘⊗") | {".*", "./", ".^", "=="}
_STARTS = {"NUMBER", "NAME", "CALL", "LPAR"}
_SIGNS = {
    "@": "write * for the matrix product and .* for the elementwise one",
    "%": "there is no remainder here", "&": "this sign belongs to LaTeX",
    "\\": "this looks like LaTeX", "$": "leave out the dollar signs", "~": "write = or ==",
    "!": "factorials are not supported; lgamma(n+1) is log(n!)", "{": "write round brackets",
    "}": "write round brackets", "|": "write abs(…), det(…) or norm2(…)",
    "'": "a transpose follows what it transposes, as in x'", '"': "quotes are not used",
    "<": "inequalities are not formulas", ">": "inequalities are not formulas",
    "_": "names begin with a letter", "?": "this sign is not used", "#": "this sign is not used",
    "`": "this sign is not used", ".": "write .* ./ or .^ for elementwise operations",
}  # fmt: skip


def explain(error: Any, text: str, source: str) -> ChainruleError:
    """Turn the parser's complaint into a sentence with a place."""
    from lark.exceptions import UnexpectedCharacters, UnexpectedEOF

    if isinstance(error, UnexpectedEOF):
        return _end(text, source)
    if isinstance(error, UnexpectedCharacters):
        at = error.pos_in_stream or 0
        ch = text[at]
        hint = _SIGNS.get(ch)
        if text[at : at + 2] in (".+", ".-"):
            hint = "write + or -; a row b' is added to every row as ones(n)*b'"
        message = f"'{ch}' is not expected here" if ch.isprintable() else "unreadable character"
        return ParseError(message + (f"; {hint}" if hint else ""), source=source, at=at)
    token = error.token
    if token.type == "$END":
        return _end(text, source)
    at = token.start_pos
    return _unexpected(token, text[:at].rstrip(), at, source)


def _unexpected(token: Any, before: str, at: int, source: str) -> ChainruleError:
    value = str(token).strip()
    opened = _literal_matrix(before) if token.type in ("COMMA", "_SEP", "RSQB") else None
    if token.type == "LSQB" or opened is not None:
        return _square(at if opened is None else opened, source)
    last = before[-1:]
    ends = bool(re.search(r"[\w)\]'’′ʹᵀ⊤²³]$", before))
    if token.type in _STARTS and ends:
        left = re.search(r"[\w.]+$|.$", before)
        shown = left.group() if left and last not in ")]" else "…" + last
        return ParseError(
            f"two things stand side by side; a product needs its sign: {shown}*{value}"
            + ("…" if token.type in ("CALL", "LPAR") else ""),
            source=source, at=at,
        )  # fmt: skip
    if token.type == "RPAR" and last == "(":
        return ParseError("there is nothing between these brackets", source=source, at=at)
    if value == "*" and last == "*":
        return ParseError("write ^ for a power, not **", source=source, at=at)
    if last == "^" and value in {"{", "*"}:
        return ParseError("an exponent is missing after '^'", source=source, at=at)
    if token.type in ("EQUALS", "COLON"):
        return ParseError(f"'{value}' is not expected here", source=source, at=at)
    if token.type in ("_SEP", "RPAR", "COMMA") and last in _OPERATORS:
        return ParseError(f"something is missing after '{last}'", source=source, at=len(before) - 1)
    if value in _OPERATORS or token.type in ("TIMES", "CARET", "COMMA", "PLUS"):
        return ParseError(f"something is missing before '{value}'", source=source, at=at)
    hint = _SIGNS.get(value)
    shown = "the end of the line" if not value else f"'{value}'"
    return ParseError(
        f"{shown} is not expected here" + (f"; {hint}" if hint else ""), source=source, at=at
    )


def _literal_matrix(before: str) -> int | None:
    """Where a square bracket is open that indexes nothing."""
    depth = 0
    for at in range(len(before) - 1, -1, -1):
        depth += (before[at] in ")]") - (before[at] in "([")
        if depth < 0:
            indexing = re.search(r"[\w)\]'’′ʹᵀ⊤]\s*$", before[:at])
            return at if before[at] == "[" and not indexing else None
    return None


def _square(at: int, source: str) -> ChainruleError:
    what = "a matrix of numbers in square brackets (use hcat and vcat)"
    return UnsupportedError(f"{what} is not supported yet", source=source, at=at)


def _end(text: str, source: str) -> ChainruleError:
    text = text.rstrip()
    last = text[-1:]
    if last in _OPERATORS or last in ".":
        return ParseError(
            f"the formula ends after '{last}': something is missing", source=source,
            at=max(0, len(text) - 1),
        )  # fmt: skip
    return ParseError("the formula ends too early", source=source, at=len(text))
