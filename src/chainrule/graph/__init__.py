"""The computational graph of an expression: forward values, backward gradients, drawings.

Names are looked up when they are asked for, so that the package itself costs nothing to import:
:func:`chainrule.graph` must stand in the place of this module from the start.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from chainrule.graph.build import Graph, Node, graph
    from chainrule.graph.kinks import Kink
    from chainrule.graph.passes import Run, run
    from chainrule.graph.values import from_json

__all__ = ["Graph", "Kink", "Node", "Run", "from_json", "graph", "run"]
PLACES = {"Graph": "build", "Node": "build", "graph": "build", "Kink": "kinks", "Run": "passes",
          "run": "passes", "from_json": "values"}  # fmt: skip


def __getattr__(name: str) -> object:
    if name not in PLACES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"{__name__}.{PLACES[name]}"), name)
