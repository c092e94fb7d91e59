"""A derivation as data: labelled lines, certified steps, the rules they use, named parts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

from chainrule.dims import Dim
from chainrule.errors import UsageError
from chainrule.expr import Expr

if TYPE_CHECKING:
    from chainrule.calculus import Answer

METHODS = ("differential", "index", "kronecker", "backprop")


@dataclass(frozen=True)
class Rule:
    """What is done in a step.

    Attributes
    ----------
    name
        Identifier.
    title
        Short English name.
    sentence
        The sentence for readers, a message identifier with placeholders in braces.
    formula, formula_latex
        What ``{formula}`` stands for, in Unicode and LaTeX.
    """

    name: str
    title: str
    sentence: str
    formula: str = ""
    formula_latex: str = ""


@runtime_checkable
class Entries(Protocol):
    """The right-hand side of a line in index notation."""

    def write(self, form: str) -> str:
        """As ``unicode`` text, ``latex`` or in the ``plain`` syntax."""
        ...

    @property
    def shape(self) -> tuple[Dim, ...]:
        """Sizes of the free indices."""
        ...


Body = Expr | Entries


@dataclass(frozen=True)
class Label:
    """What stands left of the equals sign.

    Attributes
    ----------
    kind
        ``name`` (z), ``d`` (dz), ``vecd`` (vec dF), ``partial`` (∂f/∂X), ``row`` (∂f/∂xᵀ or
        ∂f/∂(vec X)ᵀ), ``vec`` (∂vec F/∂(vec X)ᵀ), ``entry`` (an entry of a partial derivative),
        ``at`` (an entry of a variable), ``signal`` (δ = ∂f/∂z), ``vecrow`` (∂f/∂(vec X)ᵀ),
        ``vecby`` (∂vec F/∂t).
    names
        The names in it.
    indices
        For entries: the index names of each name.
    """

    kind: str
    names: tuple[str, ...]
    indices: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True)
class Line:
    """One equation: a label and what it equals."""

    label: Label
    body: Body


@dataclass(frozen=True)
class Part:
    """A local rule used inside a step, for readers who ask why."""

    rule: str
    before: Expr
    after: Expr


@dataclass(frozen=True)
class Step:
    """From one line to the next by a rule.

    Attributes
    ----------
    before, after
        Lines; ``before`` is None where a definition or a first line is written down.
    rule
        What is done, see :mod:`chainrule.derivation.rules`.
    where
        Values of the placeholders in the sentence of the rule.
    parts
        Local rules that the step merges.
    by
        What certifies it: ``canonical form``, ``numerical``; never empty.
    """

    before: Line | None
    after: Line
    rule: Rule
    by: tuple[str, ...]
    where: Mapping[str, Body | Label] = field(default_factory=dict, hash=False)
    parts: tuple[Part, ...] = ()

    @property
    def certified(self) -> bool:
        """Always true of a step that was handed out."""
        return bool(self.by)

    @property
    def sizes(self) -> tuple[str, ...]:
        """The size of what stands right of the equals sign: ``("n", "1")``."""
        return tuple(str(d) for d in self.after.body.shape)


@dataclass(frozen=True)
class Derivation:
    """Steps from a function to its derivative.

    Attributes
    ----------
    goal
        The label of the derivative.
    answer
        The certified answer whose value the last line has.
    definitions
        Named parts in the order of definition; later ones use earlier ones.
    expr
        The function; ``name`` is what it is called in the steps, ``named`` if by the user.
    """

    goal: Label
    method: str
    steps: tuple[Step, ...]
    name: str
    named: bool
    expr: Expr
    variable: Expr
    answer: Answer
    definitions: Mapping[str, Expr] = field(default_factory=dict, hash=False)

    @property
    def result(self) -> Expr:
        """The last line, which may use the names in ``definitions``."""
        body = self.steps[-1].after.body
        assert isinstance(body, Expr)
        return body

    @property
    def certified(self) -> bool:
        """Are all steps certified?"""
        return all(s.certified for s in self.steps)

    def why(self, number: int, language: str = "en") -> str:
        """The reason for a step, counted from 1, with the local rules that it merges.

        Raises
        ------
        UsageError
            If there is no such step.
        """
        from chainrule.derivation.render import explain

        if not 1 <= number <= len(self.steps):
            raise UsageError(f"there is no step {number}: the steps are 1 to {len(self.steps)}")
        return explain(self, number, language)

    def __repr__(self) -> str:
        from chainrule.derivation.render import render

        return render(self)

    def _repr_latex_(self) -> str:
        from chainrule.derivation.render import render

        return f"$$\n{render(self, 'latex')}\n$$"

    def _repr_html_(self) -> str:
        from chainrule.derivation.render import render

        return render(self, "html")

    def to_json(self) -> dict[str, Any]:
        """The data of the derivation, in plain syntax and LaTeX."""
        from chainrule.derivation.render import to_json

        return to_json(self)
