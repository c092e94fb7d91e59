"""Documents as statements: what each formula says, read by the declarations around it."""

from chainrule.statements.document import DocumentReading, Placed, read_document

__all__ = ["DocumentReading", "Placed", "read_document"]
