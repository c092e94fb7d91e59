"""Every derivation of the five founding documents, by the method the document uses.

``python -m tests.derivation.seeds --update`` writes the golden files and ``docs/derivations.md``;
without ``--update`` it says what differs.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from chainrule.derivation import Derivation, derivation, derivations, render
from chainrule.read import read

ROOT = Path(__file__).parents[2]
GOLDEN = ROOT / "tests" / "golden" / "derivations"
PAGE = ROOT / "docs" / "derivations.md"
LANGUAGES = {"000": "fa", "001": "fa", "002": "ru", "003": "zh", "004": "en"}
TITLES = {
    "000": "Homework with a small network (Persian)",
    "001": "Gaussian likelihood and multilayer perceptron (Persian)",
    "002": "Seminar: automatic differentiation (Russian)",
    "003": "Homework solutions: matrix calculus and one hidden layer (Chinese)",
    "004": "Tutorial: a network by differentials (English)",
}


@dataclass(frozen=True)
class Seed:
    """One derivation of a founding document.

    Attributes
    ----------
    name
        File name; starts with the number of the document.
    printed
        The formula of the document, in LaTeX.
    note
        Where the document slips.
    """

    name: str
    printed: str
    text: str
    wrt: str
    method: str
    declarations: tuple[str, ...] = ()
    layout: str = "gradient"
    note: str = ""

    @property
    def language(self) -> str:
        """The language of the document."""
        return LANGUAGES[self.name[:3]]

    def derivation(self) -> Derivation:
        """Our counterpart."""
        reading = read(self.text, self.declarations, hints=[self.wrt])
        return derivation(reading, self.wrt, self.method, layout=self.layout)

    def golden(self) -> str:
        """The content of the golden file: English, then the language of the document."""
        d = self.derivation()
        out = render(d) + "\n"
        if self.language != "en":
            out += f"\n--- {self.language}\n\n" + render(d, language=self.language) + "\n"
        return out


NET = "l1 = relu(W1*x); l21 = relu(W21*l1); l22 = sigmoid(W22*l1); z = max(l21,l22); L = -y'*log(softmax(z))"  # noqa: E501
NET_SIZES = ("x: p; W1: q,p; W21: r,q; W22: r,q; y: r one_hot",)
GAUSS = ("Sigma: m,m", "x_i: m, i=1:n", "mu: m")
LOGISTIC = "z1 = X*w; z2 = z1+b; z3 = sigmoid(z2); Q = -sum(y.*log(z3)+(1-y).*log(1-z3))"
LOGISTIC_SIZES = ("X: N,D; w: D; b: scalar; y: N",)
LAYER = "T = X*W+ones(N)*b'; Q = sum(G.*T)"
LAYER_SIZES = ("X: N,D; W: D,K; b: K; G: N,K",)
HIDDEN = "z = W*x+b1; h = relu(z); theta = U*h+b2; J = -y'*log(softmax(theta))"
HIDDEN_SIZES = ("x: D; W: H,D; b1: H; U: N,H; b2: N; y: N one_hot",)
MLP = "z0 = W0*y0+b0; y1 = phi(z0); z1 = W1*y1+b1; y2 = phi(z1); j = 1/2*norm2(y2-y)^2"
SAME = "The factor of the activation is missing in the document."

SEEDS = (
    Seed("000-1-linear", r"\frac{\partial f}{\partial x_j} = \frac{\partial}{\partial x_j} \sum_{i=1}^n a_i x_i = a_j,\quad J = a^\top",  # noqa: E501
         "a'*x", "x", "index", ("a: n; x: n",), "numerator"),
    Seed("000-2-matrix-vector", r"J_{ik} = \frac{\partial f_i}{\partial x_k} = A_{ij} \rightarrow J = A",  # noqa: E501
         "A*x", "x", "index", ("A: m,n",), "numerator",
         "The entry is $A_{ik}$; j is the index that was summed over."),
    Seed("000-3-quadratic-form", r"\frac{\partial f}{\partial x_k} = \sum_{j=1}^n A_{kj} x_j + \sum_{i=1}^n A_{ik} x_i,\quad \nabla f(x) = (A + A^\top)x",  # noqa: E501
         "x'*A*x", "x", "index", ("A: n,n",)),
    Seed("000-3-quadratic-form-matrix", r"\frac{\partial x^\top Ax}{\partial A_{ij}} = x_i x_j \rightarrow \frac{\partial x^\top Ax}{\partial A} = xx^\top",  # noqa: E501
         "x'*A*x", "A", "index", ("A: n,n",)),
    Seed("000-4-trace", r"\frac{\partial \text{tr}(X^\top AX)}{\partial X} = \frac{\partial \text{tr}(AXX^\top)}{\partial XX^\top} \frac{\partial XX^\top}{\partial X} = AX + A^\top X",  # noqa: E501
         "tr(X'*A*X)", "X", "differential", ("A: n,n; X: n,n",),
         note="The chain through $XX^\\top$ is not a product of matrices; the result holds."),
    Seed("000-5-network-W1", r"\frac{\partial \mathcal{L}}{\partial W^{(1)}} = \frac{\partial \mathcal{L}}{\partial l^{(1)}} \cdot x^\top",  # noqa: E501
         NET, "W1", "backprop", NET_SIZES, note=SAME),
    Seed("000-5-network-W21", r"\frac{\partial \mathcal{L}}{\partial W^{(21)}} = \frac{\partial \mathcal{L}}{\partial l^{(21)}} \cdot l^{(1)\top}",  # noqa: E501
         NET, "W21", "backprop", NET_SIZES, note=SAME),
    Seed("000-5-network-W22", r"\frac{\partial \mathcal{L}}{\partial W^{(22)}} = \frac{\partial \mathcal{L}}{\partial l^{(22)}} \cdot l^{(1)\top}",  # noqa: E501
         NET, "W22", "backprop", NET_SIZES, note=SAME),
    Seed("001-1-mean", r"\frac{\partial y}{\partial \mu}=-\frac{1}{2}(\Sigma^{-1}+\Sigma^{-T})\left((\sum x_i)-n\mu\right)",  # noqa: E501
         "y = -n/2*log(det(Sigma))-1/2*sum(i=1:n, (x_i-mu)'*inv(Sigma)*(x_i-mu))", "mu",
         "kronecker", GAUSS, note="The sign is wrong in the document."),
    Seed("001-2-covariance", r"\frac{\partial y}{\partial \Sigma^{-1}}=-\frac{n}{2}\text{vec}^T(\Sigma^T)-\frac{1}{2}\sum \left((x_i-\mu)^T\otimes(x_i-\mu)^T\right),\quad \frac{\partial \Sigma^{-1}}{\partial \Sigma}=-(\Sigma^{-T}\otimes \Sigma^{-1})",  # noqa: E501
         "S = inv(Sigma); y = n/2*log(det(S))-1/2*sum(i=1:n, (x_i-mu)'*S*(x_i-mu))", "Sigma",
         "kronecker", GAUSS, note="The first term of $\\partial y/\\partial\\Sigma^{-1}$ is "
                                  "$+\\frac{n}{2}\\mathrm{vec}^T(\\Sigma^T)$."),
    Seed("001-3-perceptron", r"\frac{\partial j}{\partial W_i}=(y_m-y)^T\left(\prod \text{diag}\left(\phi'(W_jy_j+b_j)\right)W_j\right)(y_i^T\otimes I)",  # noqa: E501
         MLP, "W0", "kronecker"),
    Seed("001-4-perceptron-signals", r"e_{j-1}^T=e_j^T\text{diag}\left(\phi'(W_{j-1}y_{j-1}+b_{j-1})\right)W_{j-1},\quad \frac{\partial j}{\partial W_i}=\text{vec}^T(e_iy_i^T)",  # noqa: E501
         MLP, "W0", "backprop"),
    Seed("002-1-logistic-w", r"\frac{\partial Q}{\partial z_2} = \frac{\partial Q}{\partial z_3} \odot \sigma(z_2) \odot (1 - \sigma(z_2)),\quad \frac{\partial Q}{\partial w} = \frac{\partial Q}{\partial z_1} X",  # noqa: E501
         LOGISTIC, "w", "backprop", LOGISTIC_SIZES,
         note="Here as a column, $X^\\top \\partial Q/\\partial z_1$."),
    Seed("002-1-logistic-b", r"\frac{\partial Q}{\partial b} = \frac{\partial Q}{\partial z_2} \bar{1}",  # noqa: E501
         LOGISTIC, "b", "backprop", LOGISTIC_SIZES),
    Seed("002-2-layer-W", r"\frac{\partial t_{k\ell}}{\partial w_{ij}} = \begin{cases} x_{ki}, \ell = j \\ 0 \end{cases},\quad \frac{\partial Q}{\partial W} = X^{T} \frac{\partial Q}{\partial T}",  # noqa: E501
         LAYER, "W", "index", LAYER_SIZES),
    Seed("002-2-layer-b", r"\frac{\partial Q}{\partial b_i} = \sum_{k} \frac{\partial Q}{\partial t_{ki}} \cdot 1 \Rightarrow \frac{\partial Q}{\partial b} = \bar{1}^T \frac{\partial Q}{\partial T}",  # noqa: E501
         LAYER, "b", "index", LAYER_SIZES, note="Here as a column."),
    Seed("002-2-layer-X", r"\frac{\partial Q}{\partial x_{ij}} = \sum_{\ell} \frac{\partial Q}{\partial t_{k\ell}} w_{j\ell} = \frac{\partial Q}{\partial T} W^{T}",  # noqa: E501
         LAYER, "X", "index", LAYER_SIZES, note="The index k of the document should be i."),
    Seed("002-3-relu", r"\frac{\partial Q}{\partial t_{ij}} = \frac{\partial Q}{\partial z_{ij}}[t_{ij} > 0] \Rightarrow \frac{\partial Q}{\partial T} = \frac{\partial Q}{\partial Z}[T > 0]",  # noqa: E501
         "Z = relu(T); Q = sum(G.*Z)", "T", "index", ("T: N,K; G: N,K",)),
    Seed("002-4-cross-entropy", r"Q = -\sum_{i=1}^{N} \sum_{j=1}^{K} y_{ij} z_{ij},\quad \frac{\partial Q}{\partial Z} = -Y",  # noqa: E501
         "Q = -sum(Y.*Z)", "Z", "index", ("Y: N,K; Z: N,K",)),
    Seed("002-5-log-softmax", r"\frac{\partial Q}{\partial t_{ij}} = \sum_i \frac{\partial Q}{\partial z_{i\ell}} ([\ell=j] - \operatorname{softmax}_j(t_i))",  # noqa: E501
         "Z = logsoftmax_rows(T); Q = sum(G.*Z)", "T", "index", ("T: N,K; G: N,K",),
         note="The sum runs over $\\ell$."),
    Seed("002-5-log-softmax-cross-entropy", r"\frac{\partial Q}{\partial T} = Y - \operatorname{softmax}(T)",  # noqa: E501
         "Q = -sum(Y.*logsoftmax_rows(T))", "T", "index", ("Y: N,K one_hot; T: N,K",),
         note="With $Q = -\\sum y_{ij} z_{ij}$ the sign is the other one."),
    Seed("003-1-matrix-vector", r"z_i = \sum_{k=1}^m w_{ik}x_k,\quad \frac{\partial z_i}{\partial x_j}=\sum_{k=1}^m w_{ik}\frac{\partial x_k}{\partial x_j}=W_{ij}",  # noqa: E501
         "z = W*x", "x", "index", ("W: n,m",), "numerator"),
    Seed("003-2-row-matrix", r"\frac{\partial z_i}{\partial x_j}=\sum_{k=1}^m \frac{\partial x_k}{\partial x_j}{w_{ki}}=W_{ji},\quad \frac{\partial z}{\partial x} = W^T",  # noqa: E501
         "z = x*W", "x", "index", ("x: 1,m; W: m,n",), "numerator"),
    Seed("003-3-identity", r"z=x,\quad \frac{\partial z}{\partial x}=I",
         "x", "x", "index", ("x: n",), "numerator"),
    Seed("003-4-elementwise", r"z=f(x),\quad \frac{\partial z}{\partial x}=diag(f'(x))",
         "z = phi(x)", "x", "index", ("x: n",), "numerator"),
    Seed("003-5-outer", r"\frac{\partial J}{\partial W_{ij}}=\sum_{k=1}^m\delta_k\frac{\partial z_k}{\partial W_{ij}}=\delta_i x_j,\quad \frac{\partial J}{\partial W}=\delta^Tx^T",  # noqa: E501
         "z = W*x; J = d'*z", "W", "index", ("W: n,m; x: m; d: n",),
         note="The document's δ is a row; d is that row as a column."),
    Seed("003-6-outer-row", r"z=xW,\quad \frac{\partial J}{\partial W}=x^T\delta",
         "z = x*W; J = z*d'", "W", "index", ("x: 1,m; W: m,n; d: 1,n",)),
    Seed("003-7-softmax-cross-entropy", r"\hat{y} = softmax(\theta),\ J = CE(y, \hat y),\quad \frac{\partial J}{\partial \theta} = (\hat{y}-y)^T",  # noqa: E501
         "J = -y'*log(softmax(theta))", "theta", "index", ("theta: n; y: n one_hot",), "numerator"),
    Seed("003-8-network-U", r"\frac{\partial J}{\partial U} = \delta_1^Th^T",
         HIDDEN, "U", "backprop", HIDDEN_SIZES),
    Seed("003-8-network-b2", r"\frac{\partial J}{\partial b_2} = \delta_1^T",
         HIDDEN, "b2", "backprop", HIDDEN_SIZES),
    Seed("003-8-network-W", r"\delta_2=\delta_1 U \circ sgn(h),\quad \frac{\partial J}{\partial W} = \delta_2^Tx^T",  # noqa: E501
         HIDDEN, "W", "backprop", HIDDEN_SIZES),
    Seed("003-8-network-b1", r"\frac{\partial J}{\partial b_1} = \delta_2^T",
         HIDDEN, "b1", "backprop", HIDDEN_SIZES),
    Seed("003-8-network-x", r"\frac{\partial J}{\partial x} = W^T\delta_2^T",
         HIDDEN, "x", "backprop", HIDDEN_SIZES),
    Seed("003-9-word-vectors", r"\frac{\partial J}{\partial v_c}=\frac{\partial J}{\partial \theta}\frac{\partial \theta}{\partial v_c}=(\hat{y}-y)^T\frac{\partial U^Tv_c}{\partial v_c}",  # noqa: E501
         "theta = U'*v; J = -y'*log(softmax(theta))", "v", "kronecker",
         ("U: d,V; v: d; y: V one_hot",), note="The document stops here; the row is $(\\hat y - y)^T U^T$."),  # noqa: E501
    Seed("004-1-network", r"g = \Psi'(z_4) c z_2^T + \Phi'(z_1) Z_3^T \Psi'(z_4) c x^T",
         "z0 = W*x; z1 = z0+b; z2 = Phi(z1); Z3 = W+V; z4 = Z3*z2; z5 = Psi(z4); y = c'*z5", "W",
         "differential", ("x: n; b: n; c: n; W: n,n; V: n,n",)),
)  # fmt: skip

INTRO = """# Derivations

chainrule shows its work, in the method your course uses. Every step is certified: both lines are
compared in the index language and with numbers, at sizes that are all distinct.

```console
chainrule derive "x'*A*x" --wrt x --steps index
chainrule derive "tr(X'*A*X)" --wrt X --steps all --language fa
```

```python
import chainrule as cr
x, A = cr.vector("x", "n"), cr.matrix("A", "n", "n")
d = cr.derive(x.T @ A @ x, x, method="differential")
print(d)          # in a notebook it is typeset
print(d.why(2))   # why does step 2 hold?
```

`render(d, form="text|latex|markdown|html|json", language="en|fa|ru|zh", sizes=False)` of
`chainrule.derivation` writes it down; `methods_for(f, x)` says which methods apply.

## One function, four methods

| method | what it does |
|---|---|
| `differential` | names parts, takes the differential of each, inserts them from the output, turns every term under the trace until it ends with dX, and reads off the gradient |
| `index` | writes one entry, differentiates with Kronecker deltas, sums them out, recognises the matrix products |
| `kronecker` | stacks columns, writes `A dX B` as `(Bᵀ ⊗ A) vec dX`, multiplies Jacobians in row layout, and gives the result the shape of the variable again |
| `backprop` | computes and keeps forward values, then sends error signals δ through the graph in reverse order, one local rule each, adding where a value was used twice (scalar functions only) |
"""  # noqa: E501

FOUR = ("1/2*norm2(A*x-b)^2", "x", ("A: m,n; x: n; b: m",))


FOUNDING = """## The founding documents

chainrule began with five documents that derive matrix derivatives by hand. Below stands each
derivation as the document prints it, and beside it what chainrule writes, by the same method.
Where a document slips, a note says so. The same texts, also in the language of each document, are
golden files in `tests/golden/derivations/`; `python -m tests.derivation.seeds --update` writes
them and this page.
"""


def four_methods() -> str:
    """One function by all methods."""
    text, wrt, declared = FOUR
    found = derivations(read(text, declared), wrt)
    return "\n".join(f"```text\n{render(d)}\n```\n" for d in found.values()
                     if isinstance(d, Derivation))  # fmt: skip


def page() -> str:
    """The documentation page."""
    out = [INTRO, four_methods(), FOUNDING]
    document = ""
    for seed in SEEDS:
        if seed.name[:3] != document:
            document = seed.name[:3]
            out.append(f"### Document {document}: {TITLES[document]}\n")
        heading = seed.name[4:].replace("-", " ")
        note = f"\n\n*{seed.note}*" if seed.note else ""
        out.append(
            f"#### {heading}\n\n"
            "<table><tr><th>the document</th>"
            f"<th>chainrule, by <code>{seed.method}</code></th></tr>"
            f'<tr><td valign="top">\n\n$${seed.printed}$${note}\n\n</td><td>\n\n'
            f"```text\n{render(seed.derivation())}\n```\n\n</td></tr></table>\n"
        )
    return "\n".join(out)


def outdated() -> list[Path]:
    """Files that differ from what is derived now."""
    wanted = {GOLDEN / f"{s.name}.txt": s.golden() for s in SEEDS} | {PAGE: page()}
    return [p for p, text in wanted.items() if not p.exists() or p.read_text("utf-8") != text]


def main(argv: Iterable[str] | None = None) -> int:
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m tests.derivation.seeds", description=__doc__)
    parser.add_argument("--update", action="store_true")
    options = parser.parse_args(None if argv is None else list(argv))
    if options.update:
        GOLDEN.mkdir(parents=True, exist_ok=True)
        for old in GOLDEN.glob("*.txt"):
            old.unlink()
        for seed in SEEDS:
            (GOLDEN / f"{seed.name}.txt").write_text(seed.golden(), encoding="utf-8")
        PAGE.write_text(page(), encoding="utf-8")
        return 0
    late = outdated()
    print("\n".join(str(p.relative_to(ROOT)) for p in late) or "all up to date")
    return 1 if late else 0


if __name__ == "__main__":
    sys.exit(main())
