"""All gradients of a deep network: the time grows with the depth, 50 layers within a second."""

from __future__ import annotations

import time
from typing import Any

import numpy as np
import pytest

from chainrule.calculus import gradients
from chainrule.expr import Expr, number, symbol
from chainrule.ops import add, apply, mul, power, sub

DEPTHS = (10, 25, 50, 100, 200)


def network(layers: int) -> tuple[Expr, list[Expr]]:
    """z_k = relu(W_k z_{k-1} + b_k), loss 1/2 |z_L - y|^2, and its parameters."""
    z, parameters = symbol("x", "n0"), []
    for k in range(1, layers + 1):
        w, b = symbol(f"W{k}", f"n{k}", f"n{k - 1}"), symbol(f"b{k}", f"n{k}")
        z = apply("relu", add(mul(w, z), b))
        parameters += [w, b]
    error = sub(z, symbol("y", f"n{layers}"))
    return mul(number("0.5"), power(apply("norm2", error), number(2))), parameters


def seconds(layers: int, repeats: int = 3) -> float:
    """Best time for all gradients of a network."""
    best = float("inf")
    for _ in range(repeats):
        start = time.perf_counter()
        loss, parameters = network(layers)
        found = gradients(loss, parameters)
        best = min(best, time.perf_counter() - start)
        assert len(found.results) == len(parameters)
    return best


@pytest.mark.parametrize("layers", [10, 50, 200])
def test_all_gradients(benchmark: Any, layers: int) -> None:
    loss, parameters = network(layers)
    found = benchmark.pedantic(gradients, (loss, parameters), rounds=3, warmup_rounds=1)
    assert len(found.results) == 2 * layers


def test_time_is_linear_in_depth() -> None:
    seconds(5)
    times = np.array([seconds(d) for d in DEPTHS])
    slope, offset = np.polyfit(DEPTHS, times, 1)
    exponent = np.polyfit(np.log(DEPTHS), np.log(times), 1)[0]
    rows = [
        f"{d:5} layers {1000 * t:8.1f} ms   fit {1000 * (offset + slope * d):8.1f} ms"
        for d, t in zip(DEPTHS, times, strict=True)
    ]
    print("\n" + "\n".join(rows))
    print(f"{1000 * slope:.2f} ms per layer; time ~ depth^{exponent:.2f}")
    assert exponent < 1.25
    assert times[DEPTHS.index(50)] <= 1.0
