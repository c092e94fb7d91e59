"""Documents: right lines are never called wrong; wrong ones are, at their line, by their slip."""

from __future__ import annotations

import json

import pytest

from chainrule.check.document import Report, check_document
from tests.check.right import RIGHT
from tests.check.wrong import WRONG


def said(report: Report) -> list[str]:
    """What is not simply true, for the message of a failure."""
    return [
        f"{c.placed.line}: {c.stated.source} is {c.verdict.kind}: {c.verdict.slip} "
        f"{c.verdict.reason}"
        for c in report.claims if c.verdict is not None and not c.verdict.holds
    ]  # fmt: skip


@pytest.mark.parametrize("name", RIGHT)
def test_right_documents(name: str) -> None:
    least, text = RIGHT[name]
    report = check_document(text)
    assert report.ok, said(report)
    assert not said(report)
    assert len(report.claims) >= least, "a claim went unnoticed"


@pytest.mark.parametrize("name", RIGHT)
def test_right_documents_need_no_blank_lines_at_the_top(name: str) -> None:
    text = RIGHT[name][1]
    here, there = check_document(text), check_document("\n\n\n" + text)
    assert [c.placed.line + 3 for c in here.claims] == [c.placed.line for c in there.claims]
    assert here.summary == there.summary


def test_right_documents_do_not_disturb_each_other() -> None:
    texts = [t for _, t in RIGHT.values() if "$" in t and "documentclass" not in t]
    pages = (f"\n## Problem {k}\n{text}" for k, text in enumerate(texts, 1))
    report = check_document("\n".join(pages))
    assert report.ok, said(report)
    assert report.summary["unknown"] == 0, said(report)


@pytest.mark.parametrize("name", WRONG)
def test_wrong_documents(name: str) -> None:
    text, lines = WRONG[name]
    report = check_document(text)
    found = {c.placed.line: c.verdict for c in report.wrong if c.verdict is not None}
    assert found.keys() == lines.keys(), said(report)
    for line, verdict in found.items():
        assert verdict.slip is not None and verdict.slip.kind in lines[line].split(), said(report)
    others = [c for c in report.claims if c.placed.line not in lines]
    assert all(c.verdict is not None and c.verdict.holds for c in others), said(report)


MENDED = {
    "transpose": "2*A'*(A*x-b)", "sign": "-2*A'*(b-A*x)", "factor": "2*A'*(A*x-b)",
    "order": "inv(B)*inv(A)", "Kronecker order": "kron(B',A)*vec(X)", "derivative of cos":
    "-sin(t)", "only the wrong step": "2*r", "cross entropy": "y_hat-y",
    "ridge": "2*X'*(X*w-y)+2*lambda*w",
}  # fmt: skip


@pytest.mark.parametrize("name", MENDED)
def test_mends(name: str) -> None:
    (wrong,) = check_document(WRONG[name][0]).wrong
    assert wrong.verdict is not None and wrong.verdict.mend is not None
    assert wrong.verdict.mend.plain == MENDED[name]


@pytest.mark.parametrize("name", ["factor", "sign", "dropped factor", "order", "ridge"])
def test_counterexamples_can_be_replayed(name: str) -> None:
    (wrong,) = check_document(WRONG[name][0]).wrong
    assert wrong.verdict is not None and wrong.verdict.counterexample is not None
    example = wrong.verdict.counterexample
    assert example.left != example.right
    exec(compile(example.numpy(), "replay", "exec"), {})


def test_a_later_line_follows_from_a_wrong_one() -> None:
    report = check_document(r"""
Let $x\in\mathbb{R}^n$, $A\in\mathbb{R}^{n\times n}$.
$$f = x^\top A x = x^\top A^\top A x$$
$$g = 2f$$
$$\nabla_x g = 2(A+A^\top)x$$""")
    assert [c.placed.line for c in report.wrong] == [3]
    last = report.claims[-1]
    assert last.verdict is not None and last.verdict.holds
    assert last.follows == (3,)


def test_the_dominant_layout_is_that_of_the_document() -> None:
    report = check_document(r"""
$a, x\in\mathbb{R}^n$, $A\in\mathbb{R}^{n\times n}$
$$\frac{\partial a^\top x}{\partial x} = a^\top$$
$$\frac{\partial x^\top x}{\partial x} = 2x^\top$$
$$\frac{\partial x^\top A x}{\partial x} = x^\top(A+A^\top)$$""")
    assert report.ok
    assert (report.layout, report.layout_by) == ("numerator", "dominant")
    assert report.summary["true"] == 3


def test_a_layout_can_be_asked_for() -> None:
    text = r"$a,x\in\mathbb{R}^n$, $\frac{\partial a^\top x}{\partial x} = a^\top$"
    (claim,) = check_document(text, layout="gradient").claims
    assert claim.verdict is not None
    assert (claim.verdict.kind, claim.verdict.layout) == ("true_in_layout", "numerator")
    (claim,) = check_document(text, layout="numerator").claims
    assert claim.verdict is not None and claim.verdict.kind == "true"


def test_json_contract() -> None:
    report = check_document(WRONG["factor"][0])
    found = json.loads(json.dumps(report.to_json()))
    (one,) = found["statements"]
    assert {"line", "text", "reading", "verdict", "layout", "conditions", "slip", "mend",
            "counterexample", "reason"} <= one.keys()  # fmt: skip
    assert one["line"] == 3
    assert set(found["summary"]) == {"true", "true_in_layout", "true_if", "false", "ill_formed",
                                     "unknown"}  # fmt: skip


def test_nothing_to_check() -> None:
    for text in ("", "just words", "$x$", "a $5 coffee and a $7 one"):
        assert check_document(text).ok
        assert not check_document(text).claims


def test_a_time_limit_leaves_the_rest_unknown() -> None:
    text = "\n\n".join(rf"$\nabla_x x^\top x = {k}x$" for k in range(3, 40))
    report = check_document(text, limit_s=0.05)
    assert report.summary["unknown"] > 0
    assert all(
        c.verdict is None or c.verdict.kind != "unknown" or "time" in str(c.verdict.reason)
        for c in report.statements
    )


def test_progress() -> None:
    seen: list[tuple[int, int]] = []
    check_document(RIGHT["identities"][1], progress=lambda k, n: seen.append((k, n)))
    assert seen[-1][0] == seen[-1][1] > 0
    assert [k for k, _ in seen] == sorted(k for k, _ in seen)


@pytest.mark.parametrize("text", [
    r"$X\in\mathbb{R}^{n\times n}$, $X^{1000000000} = X$",
    "$" + "+".join(f"x_{{{k}}}" for k in range(1500)) + " = 0$",
    "$" + r"\left(" * 5000 + "x=1$",
    r"$\frac{1}{0} = 1$", r"$x = = y$", "$x_{i_{j_{k}}} = 3$", r"$\nabla_x = 2$",
    "$" + "x=" * 3000 + "x$", "$" + r"\sum_{i=1}^n " * 200 + "x_i = 1$",
])  # fmt: skip
def test_hostile_documents_end(text: str) -> None:
    report = check_document(text, budget_s=1.0)
    assert sum(report.summary.values()) == len(report.claims)


@pytest.mark.parametrize("before", ["", r"Let $f:\mathbb{R}^n\to\mathbb{R}^m$. "])
def test_a_wrong_corner_is_found_and_the_others_are_not_blamed(before: str) -> None:
    text = before + (
        r"$$\frac{\partial f}{\partial x} = \begin{bmatrix}"
        r"\frac{\partial f_1}{\partial x_1} & \cdots & \frac{\partial f_1}{\partial x_n} \\ "
        r"\vdots & \ddots & \vdots \\ "
        r"\frac{\partial f_LAST}{\partial x_1} & \cdots & \frac{\partial f_m}{\partial x_n}"
        r"\end{bmatrix}$$"
    )
    right = check_document(text.replace("LAST", "m"))
    assert right.summary["true"] == len(right.claims) == 4
    wrong = check_document(text.replace("LAST", "n"))
    assert wrong.summary["false"] == 1 and wrong.summary["true"] == 3


@pytest.mark.parametrize("claim", [
    r"\frac{\partial L}{\partial W} = \sum_{t=1}^{T} \frac{\partial L_t}{\partial W}",
    r"\frac{\partial E}{\partial V} = \sum_{k} \frac{\partial E_k}{\partial V}",
])  # fmt: skip
def test_a_loss_for_every_step_that_nobody_wrote_down_stays_open(claim: str) -> None:
    (one,) = check_document(f"$${claim}$$").claims
    assert one.verdict is not None and one.verdict.kind == "unknown"
