"""Problems that go on from the one before: "see the previous problem", «см. предыдущую задачу»."""

from __future__ import annotations

import re
from collections.abc import Sequence

from chainrule.documents.model import Heading

_Z = "[ \u200c]?"
_REFERENCE = re.compile(
    r"(?:(?<!\w)(?:see|cf\.|recall|from|by|in|as in|using|of|with|continu\w+)[ \n]+(?:the[ \n]+)?)"
    r"(?:previous|preceding|last)[ \n]+(?:problem|exercise|task|question|example|part|section)"
    r"|(?<!\w)предыдущ\w+[ \n]+(?:задач|пункт|пример|упражнени|вопрос|раздел)"
    r"|(?:上|前)(?:一|面)?的?(?:题|題|问|問|例|小节|节)"
    rf"|(?:سوال|سؤال|مسئله|مسأله|مساله|تمرین|مثال|بخش|پرسش)(?:{_Z}ی)?[ \n](?:قبل|پیش)",
    re.I,
)
_UNLIKE = re.compile(
    r"(?:unlike|in contrast to|as opposed to|independent\w* of|в отличие от|不同于|برخلاف)"
    r"[ \n]+(?:\w+[ \n]+){0,3}\Z",
    re.I,
)


def continued(text: str, headings: Sequence[Heading]) -> frozenset[int]:
    """Numbers of the scopes whose prose refers to the problem before."""
    starts = [h for h in headings if h.starts]
    out = set()
    for heading, end in zip(starts, [*(h.offset for h in starts[1:]), len(text)], strict=False):
        found = _REFERENCE.search(text, heading.offset, end)
        if found and not _UNLIKE.search(text, max(0, found.start() - 40), found.start()):
            out.add(heading.scope_id)
    return frozenset(out)
