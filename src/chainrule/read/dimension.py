"""The size that a formula spells, as in ``eye(2*m)`` or ``A: n,n+1``."""

from __future__ import annotations

from chainrule.dims import Dim, dim
from chainrule.errors import ParseError
from chainrule.read.syntax import Node, postorder


def size_of(root: Node) -> Dim:
    """The size that a formula of names, numbers, + - * and ^ spells."""
    memo: dict[int, Dim] = {}
    for node in postorder(root):
        args = [memo[id(a)] for a in node.args]
        match node.op:
            case "number" if node.value.denominator == 1 and node.value < 10**9:
                size = dim(int(node.value))
            case "name":
                size = dim(node.value)
            case "add":
                size = args[0]
                for a in args[1:]:
                    size = size + a
            case "neg":
                size = args[0] * -1
            case "mul" if len(args) <= 16:
                size = args[0]
                for a in args[1:]:
                    size = size * a
            case "div" | "frac" if args[1].value:
                size = args[0].divided(args[1].value)
            case "pow" if args[1].value is not None and 0 < args[1].value <= 4:
                size = args[0]
                for _ in range(args[1].value - 1):
                    size = size * args[0]
            case _:
                raise ParseError("this is not a size; write for example n, 3 or 2*m", at=root.at)
        if len(size.terms) > 20:
            raise ParseError("this size is too complicated", at=root.at)
        memo[id(node)] = size
    return memo[id(root)]
