"""``python -m chainrule``."""

from chainrule.apps.cli import main

main()
