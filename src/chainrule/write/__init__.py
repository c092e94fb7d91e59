"""Writers: expression -> plain text (reads back), Unicode, LaTeX; one precedence table."""

from chainrule.write.plain import plain
from chainrule.write.pretty import latex, unicode
from chainrule.write.style import LatexStyle, styled
from chainrule.write.tokens import tokens

__all__ = ["LatexStyle", "latex", "plain", "styled", "tokens", "unicode"]
