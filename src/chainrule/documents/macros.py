r"""Macros: collected from ``\newcommand`` and its kin; expanded, with each character's origin."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import NamedTuple

from chainrule.errors import LimitError, ParseError

GROWTH = 200_000  # characters an expanded text may have, and macros it may use
_NAME = r"\\(?:[A-Za-z@]{1,60}|[^A-Za-z\s])"
_DEFINE = re.compile(
    r"\\(?P<new>(?:re)?newcommand|providecommand|DeclareRobustCommand)\*?[ \t]{0,9}"
    rf"(?:\{{[ \t]{{0,9}}(?P<braced>{_NAME})[ \t]{{0,9}}\}}|(?P<bare>{_NAME}))[ \t\n]{{0,9}}"
    r"(?P<arguments>\[[^\]\n]{0,20}\])?(?:\[[^\]\n]{0,80}\])?[ \t\n]{0,9}(?=\{)"
    r"|\\(?P<op>DeclareMathOperator)(?P<star>\*?)[ \t]{0,9}"
    rf"(?:\{{[ \t]{{0,9}}(?P<opbraced>{_NAME})[ \t]{{0,9}}\}}|(?P<opbare>{_NAME}))"
    r"[ \t\n]{0,9}(?=\{)"
    rf"|\\[gex]?def[ \t]{{0,9}}(?P<defname>{_NAME})[ \t]{{0,9}}"
    rf"(?P<pattern>[^{{}}\\\n]{{0,40}})(?=\{{)"
    rf"|\\let[ \t]{{0,9}}(?P<letname>{_NAME})[ \t]{{0,9}}=?[ \t]?(?P<target>{_NAME})"
)
_WORD = re.compile(r"\\(?:[A-Za-z@]+|[\s\S])")
_BRACE = re.compile(r"\\[\s\S]|[{}]")


class Definitions(NamedTuple):
    """What was collected: macros, the stretches of text they took, and remarks with offsets."""

    macros: dict[str, str]
    spans: list[tuple[int, int]]
    remarks: list[tuple[str, int]]


class Braces:
    """Partners of opening braces; every character is looked at once, however often one asks."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._partner: dict[int, int] = {}
        self._scanned = 0

    def partner(self, start: int) -> int | None:
        """Offset of the brace that closes the one at ``start``."""
        if start < self._scanned:
            return self._partner.get(start)
        stack: list[int] = []
        for found in _BRACE.finditer(self._text, start):
            at = found.start()
            if found[0] == "{":
                stack.append(at)
            elif found[0] == "}" and stack:
                self._partner[stack.pop()] = at
                if not stack:
                    self._scanned = at + 1
                    return at
        self._scanned = len(self._text)
        return None


def collect(text: str, skipped: Callable[[int], bool] = lambda offset: False) -> Definitions:
    """Gather the macros without arguments; others, and circular ones, give a remark each."""
    macros: dict[str, str] = {}
    spans: list[tuple[int, int]] = []
    remarks: list[tuple[str, int]] = []
    places: dict[str, int] = {}
    braces = Braces(text)
    end = 0
    for found in _DEFINE.finditer(text) if "\\" in text else ():
        start = found.start()
        if start < end or skipped(start) or (start and text[start - 1] == "\\"):
            continue
        if found["letname"]:
            name, body, end = found["letname"], found["target"], found.end()
        else:
            name = found["braced"] or found["bare"] or found["opbraced"] or found["opbare"]
            name = name or found["defname"]
            close = braces.partner(found.end())
            if close is None:
                remarks.append((f"the definition of {name} is not closed", start))
                continue
            body, end = text[found.end() + 1 : close], close + 1
            if found["op"]:
                body = rf"\operatorname{found['star']}{{{body}}}"
        spans.append((start, end))
        if found["arguments"] or (found["pattern"] or "").strip():
            remarks.append((f"{name} takes arguments, which is not supported; it is kept", start))
            macros.pop(name, None)
            continue
        if macros.get(name, body) != body:
            remarks.append((f"{name} is defined again; the last definition is used", start))
        macros[name], places[name] = body, start
    for name in sorted(_circular(macros)):
        remarks.append((f"{name} is defined by itself and is not expanded", places[name]))
        del macros[name]
    return Definitions(macros, spans, remarks)


def _circular(macros: Mapping[str, str]) -> set[str]:
    """Names that lie on, or lead into, a circle: what remains after peeling off the harmless."""
    uses = {name: {w for w in _WORD.findall(body) if w in macros} for name, body in macros.items()}
    users: dict[str, list[str]] = {name: [] for name in macros}
    for name, used in uses.items():
        for other in used:
            users[other].append(name)
    ready = [name for name, used in uses.items() if not used]
    while ready:
        done = ready.pop()
        for name in users[done]:
            uses[name].discard(done)
            if not uses[name]:
                ready.append(name)
        uses.pop(done, None)
    return set(uses)


def expand_macros(text: str, macros: Mapping[str, str]) -> tuple[str, list[int]]:
    r"""Replace macros by what they stand for.

    Parameters
    ----------
    text
        LaTeX as it stands in the document.
    macros
        Names with their backslash: ``{r"\R": r"\mathbb{R}"}``.

    Returns
    -------
    tuple
        The expanded text, and for each of its characters the offset in ``text`` it comes from (for
        an expanded macro the offset of its backslash).

    Raises
    ------
    ParseError
        A macro is defined by itself.
    LimitError
        The expanded text, or the number of expansions, exceeds 200 000.
    """
    if not macros or "\\" not in text:
        return text, list(range(len(text)))
    pieces: list[str] = []
    origins: list[int] = []
    # frames: text, where to go on, the macro it is the body of, its origin in `text`
    frames: list[tuple[str, int, str | None, int]] = [(text, 0, None, -1)]
    active: set[str] = set()
    used = 0
    while frames:
        current, start, owner, origin = frames.pop()
        at = len(current)
        name = ""
        for found in _WORD.finditer(current, start):
            if found[0] in macros:
                at, name = found.start(), found[0]
                break
        pieces.append(current[start:at])
        origins.extend(range(start, at) if owner is None else [origin] * (at - start))
        if name:
            place = at if owner is None else origin
            used += 1
            if name in active:
                raise ParseError(
                    f"{name} is defined by itself; give it a definition that ends",
                    source=text, at=place,
                )  # fmt: skip
            frames.append((current, at + len(name), owner, origin))
            frames.append((macros[name], 0, name, place))
            active.add(name)
        elif owner is not None:
            active.discard(owner)
        if used and (len(origins) > GROWTH + len(text) or used > GROWTH):
            raise LimitError(
                f"the macros expand to more than {GROWTH} characters; shorten their definitions",
                source=text, at=max(origin, 0),
            )  # fmt: skip
    return "".join(pieces), origins
