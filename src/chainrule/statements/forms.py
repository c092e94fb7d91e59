"""What the reader of documents asks of the rooms of calculus."""

from __future__ import annotations

from chainrule.read.session import Forms
from chainrule.statements.functions import function
from chainrule.statements.whole import whole

FORMS = Forms(whole, function)
