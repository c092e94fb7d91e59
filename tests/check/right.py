"""Small documents in which every line is right, as students and authors write them."""

# ruff: noqa: E501
from __future__ import annotations

#: Nothing in these may be called wrong; ``claims`` says how many verdicts there are at least.
RIGHT: dict[str, tuple[int, str]] = {
    "quadratic form": (1, r"""
Let $A \in \mathbb{R}^{n\times n}$ and $x \in \mathbb{R}^n$. For $f = x^\top A x$ we get
$$\nabla_x f = (A + A^\top) x$$"""),
    "quadratic form, symmetric in words": (1, r"""
Let $x \in \mathbb{R}^n$ and let $A \in \mathbb{R}^{n\times n}$ be symmetric. Then
$$\nabla_x\, x^\top A x = 2 A x.$$"""),
    "least squares in a chain": (3, r"""
$A \in \mathbb{R}^{m\times n}$, $b \in \mathbb{R}^m$, $x\in\mathbb{R}^n$.
\begin{align}
f &= \|Ax - b\|_2^2 \\
  &= (Ax-b)^\top (Ax-b) \\
  &= x^\top A^\top A x - 2 b^\top A x + b^\top b
\end{align}
so $\nabla_x f = 2 A^\top (A x - b)$."""),
    "stationarity and solution": (1, r"""
Let $X \in \mathbb{R}^{n\times d}$, $w \in \mathbb{R}^d$, $y\in\mathbb{R}^n$ and
$L = \|Xw-y\|_2^2 + \lambda \|w\|_2^2$.
$$\nabla_w L = 2 X^\top (Xw - y) + 2\lambda w = 0$$
$$\Rightarrow w = (X^\top X + \lambda I)^{-1} X^\top y$$"""),
    "numerator layout in words": (2, r"""
We use numerator layout. Let $a, x \in \mathbb{R}^n$ and $A \in \mathbb{R}^{m\times n}$.
$$\frac{\partial a^\top x}{\partial x} = a^\top$$
$$\frac{\partial A x}{\partial x} = A$$"""),
    "numerator layout, in Russian": (1, r"""
Будем записывать производные по строкам (раскладка по числителю). Пусть $x \in \mathbb{R}^n$ — вектор,
$A \in \mathbb{R}^{n \times n}$ — симметричная матрица. Тогда
$$\frac{\partial\, x^\top A x}{\partial x} = 2 x^\top A$$"""),
    "Chinese": (1, r"""
设 $x \in \mathbb{R}^n$，$A \in \mathbb{R}^{n\times n}$ 是对称矩阵。本文采用分子布局。
$$\frac{\partial x^T A x}{\partial x} = 2 x^T A$$"""),
    "Persian": (1, r"""
فرض کنید $x \in \mathbb{R}^n$ و ماتریس $A \in \mathbb{R}^{n \times n}$ متقارن است. آنگاه

$$\nabla_x x^\top A x = 2 A x$$"""),
    "gradient layout throughout": (2, r"""
$x\in\mathbb{R}^n$, $a\in\mathbb{R}^n$
$$\frac{\partial a^\top x}{\partial x} = a$$
$$\frac{\partial x^\top x}{\partial x} = 2x$$"""),
    "differential": (4, r"""
Let $X \in \mathbb{R}^{n\times n}$ and let $A\in\mathbb{R}^{n\times n}$ be constant.
\begin{aligned}
f &= \operatorname{tr}(A X) \\
df &= \operatorname{tr}(A\, dX) \\
\nabla_X f &= A^\top
\end{aligned}
And $d(X^{-1}) = -X^{-1}\, dX\, X^{-1}$, which is also written
$dX^{-1} = -X^{-1}\,dX\,X^{-1}$. And $d \log\det X = \operatorname{tr}(X^{-1} dX)$."""),
    "differential with constants": (2, r"""
$A\in\mathbb{R}^{m\times n}$, $x\in\mathbb{R}^n$, $b\in\mathbb{R}^m$. With $r = Ax-b$ and $f = r^\top r$:
$$df = 2 r^\top dr$$
$$dr = A\,dx$$
$$df = 2 (Ax-b)^\top A\, dx$$"""),
    "logistic regression": (2, r"""
Let $X \in \mathbb{R}^{N\times D}$, $w\in\mathbb{R}^D$, $y \in \mathbb{R}^N$.
$$z = Xw,\quad p = \sigma(z)$$
$$\frac{\partial p}{\partial z} = \operatorname{diag}(p \odot (1-p))$$
$$\sigma'(t) = \sigma(t)(1-\sigma(t))$$"""),
    "cross entropy": (1, r"""
Let $\theta\in\mathbb{R}^k$, $y\in\mathbb{R}^k$ be one-hot, $\hat y = \operatorname{softmax}(\theta)$ and
$J = -y^\top \log \hat y$. Then
$$\nabla_\theta J = \hat y - y$$"""),
    "unspecified loss": (2, r"""
Let $X\in\mathbb{R}^{N\times D}$, $W\in\mathbb{R}^{D\times K}$ and $T = XW$. For a loss $Q$
$$\frac{\partial Q}{\partial W} = X^\top \frac{\partial Q}{\partial T}, \qquad
\frac{\partial Q}{\partial X} = \frac{\partial Q}{\partial T} W^\top$$"""),
    "recursion": (1, r"""
Layers $y_{n+1} = \sigma(W y_n)$. Hence
$$\frac{\partial y_{n+1}}{\partial y_n} = \operatorname{diag}(\sigma'(W y_n))\, W$$"""),
    "redefinition": (2, r"""
Let $x \in \mathbb{R}^n$.
$$f = x^\top x$$
$$\nabla_x f = 2x$$
Now take
$$f = 3 x^\top x$$
$$\nabla_x f = 6x$$"""),
    "indices": (3, r"""
$A\in\mathbb{R}^{m\times n}$, $x\in\mathbb{R}^n$, $y = Ax$.
$$y_i = \sum_{j=1}^n A_{ij} x_j$$
$$\frac{\partial y_i}{\partial x_j} = A_{ij}$$
$$\frac{\partial y_i}{\partial A_{kl}} = \delta_{ik} x_l$$"""),
    "entries of a gradient": (1, r"""
Let $x, a\in\mathbb{R}^n$, $f = \sum_{i=1}^n a_i x_i^2$.
$$\frac{\partial f}{\partial x_k} = 2 a_k x_k$$"""),
    "numbers with rounding": (1, r"""
$$x = \begin{bmatrix} 1 \\ 2 \end{bmatrix}, \quad a = \begin{bmatrix} 0.5 \\ 0.25 \end{bmatrix}$$
$$a^\top x = 1$$
$$\sigma(a^\top x) \approx 0.73$$"""),
    "numbers, matrix times vector": (1, r"""
$$W = \begin{bmatrix} 1 & 2 \\ 3 & 4 \end{bmatrix}, x = \begin{bmatrix} 1 \\ -1 \end{bmatrix}$$
$$Wx = \begin{bmatrix} -1 \\ -1 \end{bmatrix}$$"""),
    "facts about variables": (0, r"""
Let $A = A^\top$, $y_i = 1$, $n = 3$, $\|u\| = 1$ and $U^\top U = I$."""),
    "identities": (6, r"""
$A, B, C \in \mathbb{R}^{n\times n}$ invertible.
$$(AB)^\top = B^\top A^\top$$
$$(AB)^{-1} = B^{-1}A^{-1}$$
$$\operatorname{tr}(ABC) = \operatorname{tr}(CAB)$$
$$\det(AB) = \det A \det B$$
$$\operatorname{vec}(ABC) = (C^\top\otimes A)\operatorname{vec}(B)$$
$$(A\otimes B)(C \otimes A) = AC\otimes BA$$"""),
    "a function of an argument": (2, r"""
Let $x\in\mathbb{R}^n$, $A\in\mathbb{R}^{n\times n}$ symmetric, $b\in\mathbb{R}^n$.
$$f(x) = \frac12 x^\top A x - b^\top x$$
$$\nabla f(x) = Ax - b$$
$$\nabla^2 f(x) = A$$"""),
    "a minimiser": (1, r"""
$A\in\mathbb{R}^{n\times n}$ is symmetric positive definite, $b, x\in\mathbb{R}^n$,
$f(x) = \frac12 x^\top A x - b^\top x$.
Setting $\nabla f(x) = Ax - b = 0$ gives $x^* = A^{-1} b$."""),
    "a mean": (1, r"""
Let $x_i\in\mathbb{R}^m$, $i=1,\dots,n$ and $\mu\in\mathbb{R}^m$.
$$L = \sum_{i=1}^n \|x_i-\mu\|^2$$
$$\nabla_\mu L = -2\sum_{i=1}^n (x_i-\mu) = 0$$
$$\mu = \frac1n\sum_{i=1}^n x_i$$"""),
    "an outer product": (2, r"""
Let $u\in\mathbb{R}^m$, $v\in\mathbb{R}^n$, $W\in\mathbb{R}^{m\times n}$.
$$\frac{\partial u^\top W v}{\partial W} = u v^\top$$
$$\frac{\partial u^\top W v}{\partial u} = W v$$"""),
    "determinant": (2, r"""
Let $X\in\mathbb{R}^{n\times n}$ be invertible.
$$\frac{\partial \log\det X}{\partial X} = X^{-\top}$$
$$\frac{\partial \det X}{\partial X} = \det(X) X^{-\top}$$"""),
    "a scalar chain rule": (1, r"""
$$y = e^{t^2}$$
$$\frac{dy}{dt} = 2 t e^{t^2}$$"""),
    "a bias": (2, r"""
$T = XW + \bar 1 b^\top$ where $X\in\mathbb{R}^{N\times D}, W\in\mathbb{R}^{D\times K}, b\in\mathbb{R}^K$.
$$\frac{\partial Q}{\partial b} = \left(\frac{\partial Q}{\partial T}\right)^\top \bar 1$$
$$\frac{\partial Q}{\partial W} = X^\top\frac{\partial Q}{\partial T}$$"""),
    "a hidden layer": (3, r"""
$x\in\mathbb{R}^d$, $W\in\mathbb{R}^{h\times d}$, $b\in\mathbb{R}^h$, $u\in\mathbb{R}^h$.
$$z = Wx + b,\quad a = \tanh(z),\quad f = u^\top a$$
$$\nabla_a f = u$$
$$\nabla_z f = u\odot(1-a\odot a)$$
$$\nabla_W f = (u\odot(1-a\odot a))\, x^\top$$
$$\nabla_x f = W^\top (u\odot(1-a\odot a))$$"""),
    "signals named delta": (3, r"""
$x\in\mathbb{R}^d$, $W\in\mathbb{R}^{h\times d}$, $z = Wx$, $h=\mathrm{ReLU}(z)$, $u\in\mathbb{R}^h$, $J = u^\top h$.
$$\delta = \frac{\partial J}{\partial z} = u\odot \mathbb{1}(z>0)$$
$$\frac{\partial J}{\partial W} = \delta x^\top$$
$$\frac{\partial J}{\partial x} = W^\top \delta$$"""),
    "two problems": (2, r"""
## Problem 1
$x\in\mathbb{R}^n$, $f = x^\top x$, $\nabla_x f = 2x$.

## Problem 2
$X\in\mathbb{R}^{m\times n}$, $f = \operatorname{tr}(X^\top X)$, $\nabla_X f = 2X$."""),
    "up to a constant": (0, r"""
$x, \mu \in\mathbb{R}^n$, $\Sigma\in\mathbb{R}^{n\times n}$ positive definite,
$p \propto \exp(-\frac12 (x-\mu)^\top\Sigma^{-1}(x-\mu))$"""),
    "Gaussian": (2, r"""
$\Sigma\in\mathbb{R}^{n\times n}$ is symmetric positive definite and $x, \mu\in\mathbb{R}^n$.
$$\ell = -\frac12\log\det\Sigma - \frac12 (x-\mu)^\top\Sigma^{-1}(x-\mu)$$
$$\frac{\partial\ell}{\partial\mu} = \Sigma^{-1}(x-\mu)$$
$$\frac{\partial\ell}{\partial\Sigma} = -\frac12\Sigma^{-1} + \frac12\Sigma^{-1}(x-\mu)(x-\mu)^\top\Sigma^{-1}$$"""),
    "norms": (2, r"""
Let $x\in\mathbb{R}^n$.
$$\nabla_x \|x\|_2 = \frac{x}{\|x\|_2}$$
$$\nabla_x \|x\|_2^2 = 2x$$"""),
    "Frobenius": (3, r"""
$X\in\mathbb{R}^{m\times n}$, $A\in\mathbb{R}^{k\times m}$, $B\in\mathbb{R}^{k\times n}$.
$$f = \frac12\|AX-B\|_F^2 = \frac12\operatorname{tr}\left((AX-B)^\top(AX-B)\right)$$
$$\nabla_X f = A^\top(AX-B)$$
$$\langle A^\top A, I\rangle = \|A\|_F^2$$"""),
    "chain of derivatives": (1, r"""
$x\in\mathbb{R}^n$, $A\in\mathbb{R}^{m\times n}$, $y = Ax$, $f = y^\top y$.
$$\frac{\partial f}{\partial x} = \frac{\partial f}{\partial y}\frac{\partial y}{\partial x} = 2y^\top A$$"""),
    "normal equations": (2, r"""
$X\in\mathbb{R}^{n\times d}, w\in\mathbb{R}^d, y\in\mathbb{R}^n$, $L = \|Xw-y\|^2$.
$$\nabla_w L = 0 \Rightarrow X^\top X w = X^\top y$$
$$\nabla_w L = 2X^\top(Xw-y)$$"""),
    "TeX with macros": (2, r"""
\documentclass{article}\newcommand{\R}{\mathbb{R}}\newcommand{\tr}{\operatorname{tr}}
\begin{document}
Let $X \in \R^{n\times n}$ and $A\in\R^{n\times n}$.
\begin{equation}\label{eq:a} \nabla_X \tr(AX) = A^\top \end{equation}
\begin{align*} \nabla_X \tr(X^\top A X) &= (A + A^\top) X \end{align*}
\end{document}"""),
    "vec": (1, r"""
$A\in\mathbb{R}^{p\times m}$, $X\in\mathbb{R}^{m\times n}$, $B\in\mathbb{R}^{n\times q}$.
$$\frac{\partial\operatorname{vec}(AXB)}{\partial\operatorname{vec}(X)^\top} = B^\top\otimes A$$"""),
    "only said later": (1, r"""
$$\frac{\partial}{\partial x} x^\top A x = x^\top(A + A^\top)$$
where $A$ is a square matrix and $x$ a vector."""),
    "nothing declared": (3, r"""
The gradient of $w^\top x$ in $w$ is $\nabla_w w^\top x = x$; and
$$\frac{\partial}{\partial X}\operatorname{tr}(AXB) = A^\top B^\top$$
$$\frac{d}{dx}\sin x = \cos x$$"""),
    "data in rows": (1, r"""
$X\in\mathbb{R}^{n\times d}$ has rows $x_i^\top$, $w\in\mathbb{R}^d$, $y\in\mathbb{R}^n$.
$$L(w) = \frac1{2n}\|Xw-y\|^2$$
$$\nabla L(w) = \frac1n X^\top(Xw-y)$$"""),
    "Hessian": (2, r"""
$A\in\mathbb{R}^{m\times n}, b\in\mathbb{R}^m, x\in\mathbb{R}^n$.
$$f(x) = \|Ax-b\|_2^2$$
$$\nabla^2 f(x) = 2A^\top A$$
$$\frac{\partial^2}{\partial x\,\partial x^\top} x^\top C x = C + C^\top$$"""),
    "a quotient": (1, r"""
$A\in\mathbb{R}^{n\times n}$ symmetric, $x\in\mathbb{R}^n$.
$$R(x) = \frac{x^\top A x}{x^\top x}$$
$$\nabla R(x) = \frac{2}{x^\top x}\left(Ax - R(x)\,x\right)$$"""),
    "inverse of a sum": (1, r"""
$A\in\mathbb{R}^{n\times n}$ invertible, $u, v\in\mathbb{R}^n$.
$$(A+uv^\top)^{-1} = A^{-1} - \frac{A^{-1}uv^\top A^{-1}}{1+v^\top A^{-1}u}$$"""),
    "plain text": (2, """
x: n; A: n,n symmetric

f = x'*A*x
grad(f, x) = 2*A*x
tr(A*A') = sum(A.*A)
"""),
    "the cases of a softmax": (4, r"""
Put $q_i = \frac{e^{u_i}}{\sum_k e^{u_k}}$ for scores $u$.

If $i = j$:
$$\frac{\partial q_i}{\partial u_j} = q_i(1 - q_i)$$
When $i \neq j$ instead,
$$\frac{\partial q_i}{\partial u_j} = -q_i q_j$$
and in one line
$$\frac{\partial q_i}{\partial u_j} = q_i (\delta_{ij} - q_j)$$
Some write $\text{softmax}(u_i) = \frac{e^{u_i}}{\sum_k e^{u_k}}$."""),
    "sigma is the softmax": (1, r"""
The output layer applies $\sigma(v)_i = \frac{\exp(v_i)}{\sum_j \exp(v_j)}$. Then $p = \sigma(v)$ has
$$\frac{\partial p_i}{\partial v_j} = p_i(\delta_{ij} - p_j)$$"""),
    "the function of one minus itself": (1, r"""
Let $s(x) = \frac{1}{1 + e^{-x}}$. Its slope is $s' = s(1 - s)$."""),
    "squares beside one": (1, r"""
Let $X \in \mathbb{R}^{N\times D}$, $W\in\mathbb{R}^{D\times H}$, $v\in\mathbb{R}^H$, $A = XW$,
$H = \tanh(A)$, $f = \mathbf 1^\top H v$. Then
$$\frac{\partial f}{\partial A} = (\mathbf 1 v^\top) \odot (1 - H^2)$$"""),
    "a product over steps": (1, r"""
$$\mathbf{s}_t = \tanh(U\mathbf{s}_{t-1} + V\mathbf{x}_t)$$
$$\frac{\partial \mathbf{s}_t}{\partial \mathbf{s}_k} = \prod_{i=k+1}^{t} \frac{\partial \mathbf{s}_i}{\partial \mathbf{s}_{i-1}}$$"""),
    "layers in bare superscripts": (2, r"""
$z^l \equiv V^l a^{l-1} + c^l$ and $a^l = \sigma(z^l)$; entry by entry
$$a^l_j = \sigma(\sum_k{V^l_{jk} a^{l-1}_k + c^l_j})$$
$$a^l = \sigma(V^l a^{l-1} + c^l)$$"""),
    "the quadratic cost of the last layer": (1, r"""
With $C = \frac12 \sum_j (y_j - a_j^L)^2$ we have
$$\frac{\partial C}{\partial a^L_j} = a^L_j - y_j$$"""),
}  # fmt: skip
