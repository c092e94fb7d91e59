"""Writers: expression -> plain text (reads back), Unicode, LaTeX; one precedence table."""

from chainrule.write.plain import plain
from chainrule.write.pretty import latex, unicode
from chainrule.write.style import LatexStyle, current, styled
from chainrule.write.tokens import tokens

__all__ = ["LatexStyle", "current", "latex", "plain", "styled", "tokens", "unicode"]
