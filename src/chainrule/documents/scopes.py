"""The headings that are open at a place, and when names start afresh.

A heading of the same or a higher level starts a new scope, and so does every problem, whatever its
level; a solution continues its problem.
"""

from __future__ import annotations

from typing import NamedTuple

from chainrule.documents.words import heading_role

LINE_LEVEL = 7  # "Question 1" as a line of its own
BOLD_LEVEL = 8  # a line in bold
_LONGEST_TITLE = 200


class _Open(NamedTuple):
    rank: int  # twice the level; a solution stands just below its own level
    title: str
    word: str
    weighs: bool  # closing it starts a new scope


class Scopes:
    """The stack of open headings while a document is walked through."""

    def __init__(self) -> None:
        self.scope_id = 0
        self.titles: tuple[str, ...] = ()
        self._stack: list[_Open] = []

    def enter(self, title: str, level: int) -> bool:
        """Open a heading; tells whether a new scope starts."""
        title = " ".join(title.replace("\x00", " ").split())[:_LONGEST_TITLE]
        role, word = heading_role(title)
        stack = self._stack
        rank = 2 * level + (role == "solution")
        fresh = not stack
        if role == "problem":
            fresh = True
            # "#### Problem 4" after "## Problem 3" is its sibling, not its part
            same = next((k for k, entry in enumerate(stack) if entry.word == word), len(stack))
            del stack[same:]
        while stack and stack[-1].rank >= rank:
            if role == "solution" and stack[-1].word:
                break
            fresh = stack.pop().weighs or fresh
        bold = level == BOLD_LEVEL and not role
        if role == "solution":
            fresh = False
        elif bold:
            fresh = not any(entry.weighs and entry.rank < 2 * BOLD_LEVEL for entry in stack) and (
                not any(entry.rank % 2 for entry in stack)
            )
        stack.append(_Open(rank, title, word, role != "solution" and not bold))
        self.titles = tuple(entry.title for entry in stack)
        self.scope_id += fresh
        return fresh
