"""Sessions: formulas one after the other, with the declarations and definitions they share."""

from chainrule.read.session.defining import Forms
from chainrule.read.session.session import Session
from chainrule.read.session.stated import Definition, Stated

__all__ = ["Definition", "Forms", "Session", "Stated"]
