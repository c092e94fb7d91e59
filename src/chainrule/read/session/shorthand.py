"""``dW = dz xᵀ`` of backpropagation: there dW stands for ∂J/∂W, not for a differential.

Differentials run forward, from what a quantity is made of to the quantity; gradients run back. So
``dz = da ⊙ g'(z)`` with ``a = g(z)`` speaks of gradients, and ``dz = W dx`` of differentials.
"""

from __future__ import annotations

from collections.abc import Sequence

from chainrule.read.session.looks import names
from chainrule.read.session.scope import Scope
from chainrule.read.session.unspecified import LOSSES
from chainrule.read.syntax import Node, postorder


def runs_back(scope: Scope, name: str, right: Sequence[Node]) -> bool:
    """Is ``name`` a d before what the right side's d-names depend on?"""
    x = _behind_d(scope, name)
    moved = _moved(scope, right)
    if x is None or not moved:
        return False
    return any(x in scope.below(y) for y in moved) and not moved & scope.below(x)


def as_gradients(scope: Scope, nodes: Sequence[Node]) -> list[str]:
    """Put ∂J/∂x for dx where the names run back; what is said of that."""
    if len(nodes) < 2 or nodes[0].op != "name":
        return []
    if not runs_back(scope, str(nodes[0].value), nodes[1:]):
        return []
    loss = _loss(scope)
    said: dict[str, None] = {}
    for root in nodes:
        for n in postorder(root):
            x = _behind_d(scope, str(n.value)) if n.op == "name" else None
            if x is not None:
                said[f"{n.value} is read as ∂{loss}/∂{x}"] = None
                n.op, n.value = "grad", None
                n.args = [Node("name", [], n.at, n.end, v) for v in (loss, x)]
    return list(said)


def _behind_d(scope: Scope, name: str) -> str | None:
    """``z`` of ``dz``, unless that is a name of its own."""
    x = name[1:]
    if name[:1] != "d" or not x or name in scope.definitions or name in scope.declared:
        return None
    known = x in scope.definitions or x in scope.declared or x in scope.seen
    return x if known else None


def _moved(scope: Scope, nodes: Sequence[Node]) -> set[str]:
    written = {n for root in nodes for n in names(root)}
    return {x for n in written if (x := _behind_d(scope, n)) is not None}


def _loss(scope: Scope) -> str:
    """The loss that is defined last; J if there is none."""
    found = [n for n in scope.definitions if n.casefold() in LOSSES]
    return found[-1] if found else "J"
