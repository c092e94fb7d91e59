"""Derivations: certified steps from a function to its derivative, by four methods."""

from chainrule.derivation.data import METHODS, Derivation, Entries, Label, Line, Part, Rule, Step
from chainrule.derivation.methods import derivation, derivations, methods_for
from chainrule.derivation.render import render, steps_json, to_json

__all__ = ["METHODS", "Derivation", "Entries", "Label", "Line", "Part", "Rule", "Step",
           "derivation", "derivations", "methods_for", "render", "steps_json",
           "to_json"]  # fmt: skip
