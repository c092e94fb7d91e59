"""Spellings: LaTeX commands for letters, functions, operators, relations and delimiters."""

from __future__ import annotations

from chainrule.read.names import GREEK, GREEK_NAMES

LETTERS = {f"\\{name}": name for name in GREEK_NAMES} | {
    "\\varepsilon": "epsilon", "\\vartheta": "theta", "\\varphi": "phi", "\\varrho": "rho",
    "\\varsigma": "sigma", "\\varkappa": "kappa", "\\ell": "ell", "\\imath": "i", "\\jmath": "j",
}  # fmt: skip
"""Commands that are letters, and the plain names."""
for _upper in ("Gamma", "Delta", "Theta", "Lambda", "Xi", "Pi", "Sigma", "Upsilon", "Phi", "Psi",
               "Omega"):  # fmt: skip
    LETTERS[f"\\var{_upper}"] = _upper
UNICODE_LETTERS = {ch: name for ch, name in GREEK.items() if ch != "∂"}

DELIMITERS = {
    "\\lVert": "‖", "\\rVert": "‖", "\\|": "‖", "\\Vert": "‖", "∥": "‖", "‖": "‖",
    "\\lvert": "|", "\\rvert": "|", "\\vert": "|", "|": "|", "\\mid": "|",
    "\\langle": "⟨", "\\rangle": "⟩", "⟨": "⟨", "⟩": "⟩",
    "\\lbrace": "{", "\\rbrace": "}", "\\{": "{", "\\}": "}",
    "\\lbrack": "[", "\\rbrack": "]", "\\lfloor": "⌊", "\\rfloor": "⌋", "\\lceil": "⌈",
    "\\rceil": "⌉", "\\lparen": "(", "\\rparen": ")",
    "（": "(", "）": ")", "［": "[", "］": "]",
}  # fmt: skip
OPENING = frozenset("([{⟨⌊⌈")
CLOSING = frozenset(")]}⟩⌋⌉")

RELATIONS = {
    "=": "=", "≈": "≈", "~": "≈", "≡": "=", "≜": "≜", "≠": "≠", "<": "<", ">": ">", "≤": "≤",
    "≥": "≥", "∈": "∈", "→": "→", "⇒": "⇒", "⇔": "⇔", "∝": "∝", "∼": "∼", "≻": "≻", "⪰": "⪰",
    "↦": "↦",
}  # fmt: skip
SYMBOLS = {
    "\\approx": "≈", "\\simeq": "≈", "\\cong": "≈", "\\equiv": "≜", "\\triangleq": "≜",
    "\\coloneqq": "≜", "\\doteq": "≜", "\\neq": "≠", "\\ne": "≠", "\\le": "≤", "\\leq": "≤",
    "\\leqslant": "≤", "\\ge": "≥", "\\geq": "≥", "\\geqslant": "≥", "\\lt": "<", "\\gt": ">",
    "\\in": "∈", "\\to": "→", "\\rightarrow": "→", "\\longrightarrow": "→", "\\leftarrow": "≜",
    "\\Rightarrow": "⇒", "\\implies": "⇒", "\\Longrightarrow": "⇒", "\\Downarrow": "⇒",
    "\\downarrow": "⇒", "\\Leftrightarrow": "⇔", "\\iff": "⇔", "\\Longleftrightarrow": "⇔",
    "\\therefore": "⇒", "\\propto": "∝", "\\sim": "∼", "\\succ": "≻", "\\succeq": "⪰",
    "\\succcurlyeq": "⪰", "\\mapsto": "↦",
    "\\cdot": "·", "\\cdotp": "·", "\\times": "×", "\\ast": "*", "\\star": "⋆", "\\bullet": "·",
    "\\odot": "⊙", "\\circ": "∘", "\\otimes": "⊗", "\\oslash": "⊘", "\\div": "÷",
    "\\pm": "±", "\\mp": "±", "\\oplus": "⊕", "\\setminus": "∖",
    "\\partial": "∂", "\\nabla": "∇", "\\infty": "∞", "\\forall": "∀", "\\exists": "∃",
    "\\sum": "∑", "\\prod": "∏", "\\int": "∫", "\\bigotimes": "⨂", "\\bigodot": "⨀",
    "\\dots": "…", "\\ldots": "…", "\\cdots": "…", "\\dotsc": "…", "\\dotsb": "…", "\\vdots": "…",
    "\\ddots": "…", "\\colon": ":", "\\;\\;": "␣", "\\quad": "␣", "\\qquad": "␣",
    "\\prime": "′", "\\top": "⊤",
    "\\intercal": "⊤", "\\transpose": "⊤", "\\dagger": "†", "\\dag": "†", "\\backslash": "∖",
    "\\cup": "∪", "\\cap": "∩", "\\land": "&", "\\wedge": "&", "\\And": "&", "\\&": "&",
    "\\#": "#", "\\%": "%", "\\_": "_", "\\lor": "∨", "\\neg": "¬", "\\emptyset": "∅",
    "−": "-", "–": "-", "⋅": "·", "•": "·", "∙": "·", "⋯": "…", "∗": "*", "÷": "÷", "⟶": "→",
    "≃": "≈", "⩽": "≤", "⩾": "≥", "⟹": "⇒", "⟺": "⇔", ":=": "≜", "≔": "≜", "ᵀ": "⊤",
    "=>": "⇒", "\\because": ",", "，": ",", "、": ",", "；": ";", "。": ".", "：": ":", "＝": "=",
}  # fmt: skip

FUNCTIONS = {
    "exp": "exp", "log": "log", "ln": "log", "lg": "log", "sin": "sin", "cos": "cos", "tan": "tan",
    "sinh": "sinh", "cosh": "cosh", "tanh": "tanh", "arcsin": "arcsin", "arccos": "arccos",
    "arctan": "arctan", "asin": "arcsin", "acos": "arccos", "atan": "arctan", "erf": "erf",
    "det": "det", "tr": "tr", "trace": "tr", "sp": "tr", "spur": "tr", "vec": "vec",
    "vech": "vech", "diag": "diag", "ddiag": "diag", "sgn": "sign", "sign": "sign",
    "signum": "sign", "abs": "abs", "sqrt": "sqrt", "max": "max", "min": "min", "inv": "inv",
    "pinv": "pinv", "adj": "adj", "adjugate": "adj", "logdet": "logdet", "expm": "expm",
    "logm": "logm", "sqrtm": "sqrtm", "sinm": "sinm", "cosm": "cosm", "eigmax": "eigmax",
    "vmax": "vmax", "sum": "sum", "mean": "mean", "avg": "mean", "relu": "relu",
    "leakyrelu": "leakyrelu", "sigmoid": "sigmoid", "sigm": "sigmoid", "logistic": "sigmoid",
    "logit": "logit", "softplus": "softplus", "gelu": "gelu", "step": "step", "heaviside": "step",
    "softmax": "softmax", "logsoftmax": "logsoftmax", "logsumexp": "logsumexp", "lse": "logsumexp",
    "softmax_rows": "softmax_rows", "logsoftmax_rows": "logsoftmax_rows",
    "logsumexp_rows": "logsumexp_rows", "sum_rows": "sum_rows", "sum_cols": "sum_cols",
    "rowsum": "sum_rows", "colsum": "sum_cols", "softmaxrows": "softmax_rows",
    "norm1": "norm1", "norm2": "norm2", "normf": "normF", "hcat": "hcat", "vcat": "vcat",
    "kron": "kron", "lgamma": "lgamma", "digamma": "digamma", "trigamma": "trigamma",
    "kd": "kd", "eye": "eye", "ones": "ones", "zeros": "zeros", "unit": "unit", "commut": "commut",
    "dup": "dup", "elim": "elim", "log-softmax": "logsoftmax", "log-sum-exp": "logsumexp",
    "tg": "tan", "arctg": "arctan", "sh": "sinh", "ch": "cosh", "th": "tanh", "ce": "cross_entropy",
    "crossentropy": "cross_entropy", "cross-entropy": "cross_entropy",
}  # fmt: skip
"""Names of functions as people spell them, in lower case."""
REFUSED = {
    "rank": "the rank", "span": "the span", "var": "the variance", "cov": "the covariance",
    "argmax": "argmax", "argmin": "argmin", "prox": "the proximal operator", "sup": "a supremum",
    "inf": "an infimum", "lim": "a limit", "arg": "the argument", "limsup": "a limit",
    "liminf": "a limit", "re": "the real part", "im": "the imaginary part", "ker": "the kernel",
    "dim": "the dimension", "gcd": "the greatest common divisor", "pr": "a probability",
    "mod": "the remainder", "bmod": "the remainder", "pmod": "the remainder",
    "binom": "a binomial coefficient", "cot": "the cotangent", "sec": "the secant",
    "csc": "the cosecant", "hom": "hom", "deg": "the degree",
}  # fmt: skip
"""Functions that have no counterpart; the reader says so by name."""
SCALAR_OF = frozenset({"tr", "det", "logdet", "sum", "mean", "eigmax", "norm1", "norm2", "normF"})
