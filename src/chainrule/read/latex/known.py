"""What is known of names before a formula is read, and the choices a formula leaves open."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from chainrule.read.declare import Declaration


@dataclass(slots=True)
class Known:
    """Names with their kinds.

    ``kinds`` maps a plain name to ``scalar vector row matrix square`` or None where only the
    existence is known; ``parameters`` holds the names of the arguments of defined functions,
    ``steps`` the names defined by recursion, y_{n+1} by y_n, ``seen`` the kinds that earlier
    formulas gave to variables nobody declared, ``functions`` those with vectors as values,
    ``indexed`` those defined member by member, ``wanted`` the variables asked for.
    """

    kinds: dict[str, str | None] = field(default_factory=dict)
    parameters: dict[str, tuple[str, ...]] = field(default_factory=dict)
    families: frozenset[str] = frozenset()
    sizes: frozenset[str] = frozenset()
    steps: frozenset[str] = frozenset()
    seen: Mapping[str, str] = field(default_factory=dict)
    functions: frozenset[str] = frozenset()
    indexed: frozenset[str] = frozenset()
    wanted: frozenset[str] = frozenset()

    @classmethod
    def of(
        cls,
        declared: Mapping[str, Declaration],
        others: Iterable[str] = (),
        parameters: Mapping[str, tuple[str, ...]] | None = None,
        wanted: Iterable[str] = (),
    ) -> Known:
        """From declarations and further names."""
        asked = frozenset(wanted).difference(others, declared)
        kinds: dict[str, str | None] = dict.fromkeys([*others, *asked])
        kinds.update((n, d.kind) for n, d in declared.items() if d.kind != "size" and not d.family)
        sizes = {n for d in declared.values() for s in d.shape or () for n in s.names}
        sizes |= {n for n, d in declared.items() if d.kind == "size"}
        families = frozenset(n for n, d in declared.items() if d.family)
        return cls(kinds, dict(parameters or {}), families, frozenset(sizes), wanted=asked)

    def __contains__(self, name: str) -> bool:
        return name in self.kinds

    def spelled(self, base: str, label: str, families: bool = False) -> str | None:
        """The known name that ``base`` with the label ``label`` spells: ``W_1``, ``W1``."""
        names = self.families.union(self.kinds) if families else self.kinds.keys()
        for name in (f"{base}_{label}", f"{base}{label}"):
            if name in names:
                return name
        if len(label) < 2:
            return None
        bare = f"{base}{label}".replace("_", "")  # W_1_new has two labels
        return next((n for n in names if n.replace("_", "") == bare), None)

    def differential(self, name: str) -> str:
        """The known name that ``\\mathrm d`` before a name spells, its label either way."""
        bare = name.replace("_", "")
        if f"d{name}" in self.kinds or "_" not in name:
            return f"d{name}"
        return next((n for n in self.kinds if n.replace("_", "") == f"d{bare}"), f"d{name}")

    def rank(self, name: str) -> int | None:
        """Number of indices: 0, 1 or 2; None when unknown."""
        kind = self.kinds.get(name) or self.seen.get(name)
        return {"scalar": 0, "vector": 1, "row": 1, "matrix": 2, "square": 2}.get(kind or "")


@dataclass(slots=True)
class Choices:
    """Places where a formula can be read in several ways.

    ``offered`` maps a key to the sentences of its options, the likeliest first; ``usual`` holds
    what was settled before, ``taken`` what is tried now.
    """

    taken: dict[str, int] = field(default_factory=dict)
    usual: Mapping[str, int] = field(default_factory=dict)
    offered: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def pick(self, key: str, *options: str) -> int:
        """The option to follow at ``key``."""
        self.offered[key] = options
        return self.taken.get(key, self.usual.get(key, 0))
