"""Small documents with slips: the wrong lines, and the kinds of slip that say so fairly."""

# ruff: noqa: E501
from __future__ import annotations

SQUARE = r"Let $A \in \mathbb{R}^{n\times n}$, $x, b \in \mathbb{R}^n$." + "\n"
TALL = r"Let $A \in \mathbb{R}^{m\times n}$, $x \in \mathbb{R}^n$, $b \in \mathbb{R}^m$." + "\n"
LAYER = (
    r"Let $x\in\mathbb{R}^d$, $W\in\mathbb{R}^{h\times d}$, $u\in\mathbb{R}^h$, $z = Wx$, "
    r"$a = \sigma(z)$ and $f = u^\top a$." + "\n"
)

#: Text, and the wrong lines with the kinds of slip that are fair; all other lines hold.
WRONG: dict[str, tuple[str, dict[int, str]]] = {
    "transpose": (
        TALL
        + r"""
$$f = \|Ax-b\|^2$$
$$\nabla_x f = 2A(Ax-b)$$""",
        {4: "transpose order"},
    ),
    "sign": (
        TALL
        + r"""
$$f = \|b-Ax\|^2$$
$$\nabla_x f = 2A^\top(b-Ax)$$""",
        {4: "sign"},
    ),
    "factor": (
        TALL
        + r"""
$$\nabla_x \|Ax-b\|^2 = A^\top(Ax-b)$$""",
        {3: "factor"},
    ),
    "order": (
        r"""
Let $A, B\in\mathbb{R}^{n\times n}$ be invertible.
$$(AB)^{-1} = A^{-1}B^{-1}$$""",
        {3: "order"},
    ),
    "dropped factor": (
        LAYER
        + r"""
$$\nabla_z f = u$$""",
        {3: "dropped_factor"},
    ),
    "dropped factor in a chain": (
        LAYER
        + r"""
$$\nabla_W f = u x^\top$$
$$\nabla_a f = u$$""",
        {3: "dropped_factor"},
    ),
    "extra factor": (
        r"""
Let $x, a\in\mathbb{R}^n$ and $c\in\mathbb{R}$.
$$\nabla_x a^\top x = c\, a$$""",
        {3: "extra_factor factor dropped_factor other"},
    ),
    "elementwise for a product": (
        LAYER
        + r"""
$$\frac{\partial a}{\partial x} = \operatorname{diag}(a\odot(1-a))\, W$$
$$\nabla_x f = W^\top (u\, (1-a))$$""",
        {4: "hadamard_vs_product other dropped_factor"},
    ),
    "Kronecker order": (
        r"""
$A\in\mathbb{R}^{p\times m}$, $X\in\mathbb{R}^{m\times n}$, $B\in\mathbb{R}^{n\times q}$.
$$\operatorname{vec}(AXB) = (A\otimes B^\top)\operatorname{vec}(X)$$""",
        {3: "kron_order"},
    ),
    "index": (
        TALL
        + r"""
$$y = Ax$$
$$\frac{\partial y_i}{\partial x_j} = A_{ji}$$""",
        {4: "index transpose other"},
    ),
    "wrong function": (
        LAYER
        + r"""
$$\nabla_u f = z$$""",
        {3: "wrong_function other dropped_factor"},
    ),
    "derivative of cos": (
        r"""
Let $t$ be a scalar.
$$\frac{d}{dt}\cos t = \sin t$$""",
        {3: "sign"},
    ),
    "symmetry": (
        SQUARE
        + r"""
The matrix $A$ is not symmetric.
$$\nabla_x x^\top A x = 2Ax$$""",
        {},
    ),
    "missing sum": (
        r"""
Let $x_i\in\mathbb{R}^d$, $i=1,\dots,n$, and $w\in\mathbb{R}^d$.
$$L = \sum_{i=1}^n (w^\top x_i)^2$$
$$\nabla_w L = 2(w^\top x_i)x_i$$""",
        {4: "missing_sum"},
    ),
    "numbers": (
        r"""
$$x = \begin{bmatrix}1\\2\end{bmatrix}, a=\begin{bmatrix}3\\1\end{bmatrix}$$
$$a^\top x = 6$$""",
        {3: "numeric"},
    ),
    "rounding": (
        r"""
$$t = 0.5$$
$$\sigma(t) \approx 0.72$$""",
        {3: "numeric"},
    ),
    "sizes": (
        TALL
        + r"""
$$f = \|Ax-b\|^2$$
$$\nabla_x f = 2(Ax-b)A$$""",
        {4: "order transpose other"},
    ),
    "log det": (
        r"""
Let $X\in\mathbb{R}^{n\times n}$ be invertible.
$$\nabla_X\log\det X = X^\top$$""",
        {3: "wrong_function other"},
    ),
    "derivative of an inverse": (
        r"""
Let $X\in\mathbb{R}^{n\times n}$ be invertible.
$$dX^{-1} = X^{-1}\,dX\,X^{-1}$$""",
        {3: "sign"},
    ),
    "trace": (
        r"""
Let $A\in\mathbb{R}^{n\times n}, X\in\mathbb{R}^{n\times m}$, $B\in\mathbb{R}^{m\times n}$.
$$f = \operatorname{tr}(BX), \quad df = \operatorname{tr}(B\,dX)$$
$$\nabla_X\operatorname{tr}(AXX^\top) = A X$$""",
        {4: "transpose dropped_factor other symmetry order factor"},
    ),
    "one slip in a chain": (
        TALL
        + r"""
\begin{align}
f &= \|Ax-b\|^2 \\
  &= x^\top A^\top A x - b^\top A x + b^\top b
\end{align}""",
        {5: "factor"},
    ),
    "only the wrong step": (
        TALL
        + r"""
$$r = Ax-b$$
$$f = r^\top r$$
$$\nabla_r f = r$$
$$\nabla_x f = A^\top \nabla_r f$$""",
        {5: "factor"},
    ),
    "in the second problem": (
        r"""
## Problem 1
$x\in\mathbb{R}^n$, $\nabla_x x^\top x = 2x$

## Problem 2
$x, a\in\mathbb{R}^n$, $\nabla_x a^\top x = a^\top a$""",
        {6: "other missing_sum wrong_function dropped_factor extra_factor"},
    ),
    "cross entropy": (
        r"""
Let $\theta, y\in\mathbb{R}^k$, $y$ one-hot, $\hat y = \operatorname{softmax}(\theta)$, $J = -y^\top\log\hat y$.
$$\nabla_\theta J = y - \hat y$$""",
        {3: "sign"},
    ),
    "ridge": (
        r"""
Let $X\in\mathbb{R}^{n\times d}$, $w\in\mathbb{R}^d$, $y\in\mathbb{R}^n$, $\lambda$ a scalar.
$$L = \|Xw-y\|^2+\lambda\|w\|^2$$
$$\nabla_w L = 2X^\top(Xw-y)+\lambda w = 0$$
$$\Rightarrow w = (X^\top X+\lambda I)^{-1}X^\top y$$""",
        {4: "factor"},
    ),
    "wrong solution": (
        r"""
Let $X\in\mathbb{R}^{n\times d}$, $w\in\mathbb{R}^d$, $y\in\mathbb{R}^n$.
$$L = \|Xw-y\|^2$$
$$\nabla_w L = 2X^\top(Xw-y) = 0$$
$$\Rightarrow w = (X^\top X)^{-1}X y$$""",
        {5: "transpose other"},
    ),
    "plain text": (
        """
x: n; A: n,n

grad(x'*A*x, x) == (A + A')*x + x
""",
        {4: "extra_factor other factor"},
    ),
    "numerator layout, forgotten transpose": (
        r"""
We use numerator layout throughout. $A\in\mathbb{R}^{m\times n}$, $x\in\mathbb{R}^n$.
$$\frac{\partial Ax}{\partial x} = A$$
$$\frac{\partial\, x^\top A^\top A x}{\partial x} = x^\top A^\top A$$""",
        {4: "factor"},
    ),
    "Russian": (
        r"""
Пусть $x \in \mathbb{R}^n$, $A \in \mathbb{R}^{n \times n}$. Тогда
$$\nabla_x\, x^\top A x = (A - A^\top) x$$""",
        {3: "sign"},
    ),
    "in a notebook's manner": (
        TALL
        + r"""
- first, $r = Ax - b$
- then $\nabla_x r^\top r = 2 A^\top r$
- and $\frac{\partial r}{\partial x} = A^\top$ (numerator)""",
        {},
    ),
    "a term dropped, of what came in by a definition": (
        r"""
Let $J = \frac12\|W x - t\|^2$.
$$\frac{\partial J}{\partial W} = W x x^\top$$
$$\frac{\partial J}{\partial x} = W^\top (W x - t)$$""",
        {3: "other dropped_factor"},
    ),
}
