"""Gradients in code against the symbolic truth."""

from __future__ import annotations

import numpy as np
import pytest

from chainrule.check import check_gradient
from chainrule.errors import CertificateError, UsageError

Array = np.ndarray


def test_right_code_passes_in_one_line() -> None:
    assert check_gradient(lambda x, A: (A + A.T) @ x, "x'*A*x")


def test_the_likely_slip_is_named() -> None:
    found = check_gradient(lambda x, A: 2 * A @ x, "x'*A*x")
    assert not found and "(A+A)*x" in repr(found)
    found = check_gradient(lambda X: np.linalg.inv(X), "log(det(X))")
    assert not found and found.wrong[0].slip.kind in ("transpose", "layout")
    half = check_gradient(lambda W, x: W @ np.outer(x, x), "norm2(W*x)^2")
    assert half.wrong[0].slip.kind == "factor"


def test_the_wrong_block_is_named() -> None:
    def gradient(W: Array, x: Array) -> Array:
        G = np.outer(2 * W @ x, x)
        G[1] *= 3
        return G

    found = check_gradient(gradient, "norm2(W*x)^2")
    assert "row 2" in repr(found)
    with pytest.raises(CertificateError, match="norm2"):
        found.require()


def test_several_variables_and_given_values() -> None:
    def gradient(W: Array, b: Array, x: Array) -> tuple[Array, Array]:
        r = W @ x + b
        return 2 * np.outer(r, x), r  # the factor 2 is missing in the second one

    at = {"W": np.array([[1.0, 2.0, 0.5], [0.0, 1.0, -1.0]]), "b": np.array([1.0, -2.0]),
          "x": np.array([0.5, 1.5, -1.0])}  # fmt: skip
    found = check_gradient(gradient, "norm2(W*x+b)^2", at=at, wrt=["W", "b"])
    assert [b.name for b in found.wrong] == ["b"]


def test_shapes_that_do_not_fit() -> None:
    found = check_gradient(lambda x, A: np.ones((2, 2)), "x'*A*x")
    assert not found and found.wrong[0].wrong == ()
    with pytest.raises(UsageError, match="variable"):
        check_gradient(lambda q: q, "x'*A*x")
