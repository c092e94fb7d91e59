"""``chainrule batch``: JSON lines in, JSON lines out; a bad line never stops the next one."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

from chainrule.apps.check import BATCH_LIMIT_S, check_request
from chainrule.apps.render import to_json
from chainrule.apps.requests import (
    TIME_LIMIT,
    as_error,
    derive_request,
    equal_request,
    time_limit,
)
from chainrule.apps.steps import steps_json, steps_request
from chainrule.errors import ChainruleError, UnsupportedError, UsageError

LATER = ("code", "solve", "graph")


def batch(lines: Iterable[str]) -> Iterator[str]:
    """Answers, one per request line; blank lines are skipped."""
    for line in lines:
        if not line.strip():
            continue
        yield json.dumps(answer_line(line), ensure_ascii=False)


def answer_line(line: str) -> dict[str, Any]:
    """The answer to one request, or its error."""
    ident: Any = None
    try:
        request = _parsed(line)
        ident = request.get("id")
        with time_limit(TIME_LIMIT if request.get("text") is None else 2 * int(BATCH_LIMIT_S)):
            return {"id": ident, **_answer(request)}
    except Exception as failure:  # a request must never take the process down
        error = as_error(failure)
        return {"id": ident, "error": {"kind": error.kind, "message": error.message,
                                       "at": error.at}}  # fmt: skip


def _parsed(line: str) -> dict[str, Any]:
    try:
        request = json.loads(line)
    except (ValueError, RecursionError) as failure:
        raise UsageError(f"not a line of JSON: {failure}") from None
    if not isinstance(request, dict):
        raise UsageError("a request is a JSON object with an id, a command and its options")
    return request


def _answer(request: dict[str, Any]) -> dict[str, Any]:
    command = request.get("command")
    if command == "derive":
        return _derive(request)
    if command == "equal":
        left, right = _text(request, "expr"), request.get("that")
        if right is not None and not isinstance(right, str):
            raise UsageError("'that' must be a formula as text")
        found: dict[str, Any] = equal_request(left, right, _declarations(request)).to_json()
        return found
    if command == "check":
        return _check(request)
    if command in LATER:
        raise UnsupportedError(
            f"the command {command!r} is not supported yet: use derive, check or equal"
        )
    raise UsageError(f"unknown command {command!r}: use derive, check or equal")


def _check(request: dict[str, Any]) -> dict[str, Any]:
    options: dict[str, str | None] = {}
    for key in ("that", "text", "layout", "symmetric", "kind"):
        value = request.get(key)
        if value is not None and not isinstance(value, str):
            raise UsageError(f"{key!r} must be a text")
        options[key] = value
    if (options["that"] is None) == (options["text"] is None):
        raise UsageError("give 'that', an equation, or 'text', a document")
    report = check_request(
        text=options["text"], that=options["that"], declarations=_declarations(request),
        layout=options["layout"], symmetric=options["symmetric"], kind=options["kind"],
        latex=bool(request.get("latex")), limit_s=BATCH_LIMIT_S,
    )  # fmt: skip
    return report.to_json()


def _derive(request: dict[str, Any]) -> dict[str, Any]:
    wrt = request.get("wrt")
    if isinstance(wrt, list):
        wrt = ",".join(str(w) for w in wrt)
    if not isinstance(wrt, str):
        raise UsageError("'wrt' must name the variable to differentiate by")
    order = request.get("order") or 1
    if not isinstance(order, int):
        raise UsageError(f"'order' must be 1 or 2, not {order!r}")
    options: dict[str, Any] = {
        "order": order, "layout": str(request.get("layout") or "gradient"),
        "symmetric": str(request.get("symmetric") or "project"),
        "latex": bool(request.get("latex")),
    }  # fmt: skip
    text, declared = _text(request, "expr"), _declarations(request)
    answer = derive_request(text, wrt, declared, **options)
    if request.get("steps"):
        found = steps_request(text, wrt, declared, str(request["steps"]), **options)
        return steps_json(answer, found, str(request.get("language") or "en"))
    return to_json(answer)


def _text(request: dict[str, Any], key: str) -> str:
    value = request.get(key)
    if not isinstance(value, str):
        raise UsageError(f"{key!r} must be a formula as text")
    return value


def _declarations(request: dict[str, Any]) -> list[str]:
    found = request.get("vars") or []
    if isinstance(found, str):
        return [found]
    if not isinstance(found, list) or not all(isinstance(v, str) for v in found):
        raise UsageError("'vars' must be a list of declarations such as \"A: n,n\"")
    return found


__all__ = ["ChainruleError", "answer_line", "batch"]
