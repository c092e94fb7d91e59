"""Reports: pages are well formed and safe, places are right, mends are marked."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

import chainrule as cr
from chainrule.apps.checked import words
from chainrule.apps.checked.markdown import code, fence, markdown
from chainrule.apps.checked.marks import changed
from chainrule.apps.checked.mathml import typeset
from chainrule.apps.checked.page import page
from chainrule.apps.checked.terminal import columns
from chainrule.apps.checked.view import Written, finding, findings
from chainrule.check.document import check_document

HOSTILE = """# <img src=x onerror=alert(0)>
Let $A\\in\\mathbb{R}^{n\\times n}$ </section><script>alert(1)</script>

$$\\nabla_x x^\\top A x = (A - A^\\top) x$$

$$\\nabla_x x^\\top A x = A x \\text{</code><script>alert(2)</script>}$$
$\\href{javascript:alert(3)}{x} = x + 1$ and $\\style{background:url(//e.com)}{x} = x + 1$
$x'x = \\text{"><svg onload=alert(4)>} x$
"""
VOID = {"meta", "link", "br", "img", "hr", "input"}


class Page(HTMLParser):
    """Checks that every element is closed where it should be."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)
        self.close()
        assert not self.open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open and self.open.pop() == tag


def test_a_page_is_well_formed_and_loads_nothing() -> None:
    text = page([("<b>notes</b>.md", check_document(HOSTILE, name="notes.md"))])
    seen = Page(text).seen
    tags = {t for t, _ in seen}
    assert tags.isdisjoint({"script", "img", "svg", "iframe", "link", "object", "b"})
    assert {"math", "details", "article"} <= tags
    for _, attributes in seen:
        assert not any(k.startswith("on") or k in ("src", "style") for k in attributes)
        assert str(attributes.get("href", "#")).startswith("#")
    assert "default-src 'none'" in text
    assert "url(" not in text.split("</style>")[0]


def test_links_of_the_overview_lead_to_the_wrong_lines() -> None:
    source = "$$(A B)^{-1} = A^{-1} B^{-1}$$\n" * 1 + "\n$$\\nabla_x x^\\top x = 3 x$$\n"
    report = check_document("Let $A, B \\in \\mathbb{R}^{n \\times n}$ be invertible.\n\n" + source)
    seen = Page(page([("a.md", report), ("b.md", report)])).seen
    ids = [a["id"] for _, a in seen if "id" in a]
    assert len(ids) == len(set(ids))
    links = {str(a["href"])[1:] for t, a in seen if t == "a"}
    assert links <= set(ids)
    assert len(report.wrong) == 2
    assert len([i for i in links if re.match(r"d\d-s", str(i))]) >= 4


def test_the_wrong_side_and_the_edit_are_marked() -> None:
    report = cr.check("grad(x'*A*x, x) == (A - A')*x", "A: n,n")
    one = finding(report.claims[0])
    assert one.source.pieces == ("grad(x'*A*x, x) == ", "(A - A')*x", "")
    assert one.mends[0].line.text == "grad(x'*A*x, x) == (A+A')*x"
    before, piece, after = one.mends[0].line.pieces
    assert before + piece + after == one.mends[0].line.text and piece
    assert one.counter is not None


def test_the_end_of_a_statement_closes_its_brackets() -> None:
    report = cr.check("(A*B)' == A'*B'", "A: n,n; B: n,n")
    assert finding(report.wrong[0]).source.text == "(A*B)' == A'*B'"
    report = check_document("$$\\frac{\\partial x^\\top A x}{\\partial x_i} = 2 (A x)_{i}$$\n"
                            "with $A\\in\\mathbb{R}^{n\\times n}$")  # fmt: skip
    assert finding(report.claims[0]).source.text.endswith("2 (A x)_{i}")


@pytest.mark.parametrize(
    ("old", "new", "piece"),
    [("A x + B", "A x − B", "−"), ("2 A x", "A x", "A"), ("A B", "B A", None), ("A", "A", None)],
)
def test_changed_part(old: str, new: str, piece: str | None) -> None:
    span = changed(old, new)
    if piece is None:
        assert span is None or 0 < span[1] - span[0] < len(new)
    else:
        assert span is not None and new[slice(*span)] == piece


@pytest.mark.parametrize("text", [
    r"\text{<script>alert(1)</script>}", r"\href{javascript:alert(1)}{x}", "{" * 3000, r"\frac{",
    r"\begin{bmatrix} 1", "x" * 10_000, r"\nosuchcommand x", "",
])  # fmt: skip
def test_what_cannot_be_typeset_safely_is_not(text: str) -> None:
    made = typeset(Written(text))
    assert made is None or ("script>" not in made and "href" not in made)


def test_a_mark_inside_a_formula() -> None:
    made = typeset(Written(r"y = A^\top x", (4, 12)), "wrong")
    assert made is not None and '<mrow class="wrong">' in made


def test_sentences() -> None:
    assert words.line_list([3, 5, 6, 7, 9]) == "lines 3, 5–7, 9"
    assert words.array([[1], [-2]]) == "(1, −2)ᵀ"
    assert words.sentence("grad(J,theta) stands here") == "grad(J,theta) stands here."
    assert columns("e\u0301x 中") == 5


def test_layout_of_a_document_is_found_and_said() -> None:
    said = ("We use numerator layout.\n\nLet $a, x \\in \\mathbb{R}^n$.\n\n"
            "$$\\frac{\\partial a^\\top x}{\\partial x} = a^\\top$$\n\n"
            "$$\\frac{\\partial x^\\top x}{\\partial x} = 2x$$\n")  # fmt: skip
    report = check_document(said)
    text = page([("", report)])
    assert "as the document says in line 1" in text
    assert words.other_layouts(report) == [("gradient", (7,))]


class TestPython:
    """``cr.check``."""

    def test_equation(self) -> None:
        assert cr.check("grad(x'*A*x, x) == (A + A')*x")
        found = cr.check("grad(x'*A*x, x) == (A - A')*x", "A: n,n")
        assert not found and "✗ wrong (sign)" in repr(found) and "\x1b" not in repr(found)
        assert "\x1b" in found.text()

    def test_equation_between_delimiters(self) -> None:
        assert len(cr.check(r"$$\nabla_x x^\top x = 2x$$").claims) == 1

    def test_document_and_path(self, tmp_path: Path) -> None:
        assert cr.check(HOSTILE).reading.document.kind != "equation"
        path = tmp_path / "notes.md"
        path.write_text(HOSTILE, encoding="utf-8")
        assert cr.check(path).name == "notes.md"
        Page(cr.check(path)._repr_html_())

    def test_bad_equations_raise(self) -> None:
        for text in ("((", "y = A*x", "x'*x"):
            with pytest.raises(cr.ChainruleError):
                cr.check(text)

    def test_the_room_does_not_take_the_name(self) -> None:
        import chainrule.check.judge  # noqa: F401
        from chainrule.check import Verdict

        assert callable(cr.check) and Verdict.__name__ == "Verdict"

    def test_gradient_of_code(self) -> None:
        assert cr.check_gradient(lambda A, x: (A + A.T) @ x, "x'*A*x", wrt="x")
        assert not cr.check_gradient(lambda A, x: 2 * A @ x, "x'*A*x", wrt="x")


def test_what_is_wrong_twice_is_told_once() -> None:
    one = "$$\\nabla_x x^\\top x = 3 x$$\n\n"
    report = check_document("Let $x \\in \\mathbb{R}^n$.\n\n" + one + one)
    first, second = findings(report)
    assert (first.same_as, second.same_as) == (0, first.line)
    text = page([("", report)])
    Page(text)
    assert f'<a href="#{first.id}">line {first.line}</a>' in text
    assert markdown(report).count("```math") == 2  # once as written, once mended


def test_lines_broken_for_the_page_are_typeset_in_one() -> None:
    made = typeset(Written(r"a = \begin{aligned} & b \\ & + \begin{bmatrix} 1 & 2 \end{bmatrix}"
                           r"\end{aligned}"))  # fmt: skip
    assert made is not None and made.count("<mtd") == 2 and "&amp;" not in made


def test_formulas_in_a_sentence_are_typeset() -> None:
    report = cr.check("(alpha*A*B)' == alpha*A'*B'", "A: n,n; B: n,n")
    text = page([("", report)])
    Page(text)
    assert "<math" in text.split('class="said"')[1].split("</p>")[0]


def test_markdown_stays_inside_its_fences() -> None:
    report = check_document("Let $x \\in \\mathbb{R}^n$.\n\n$$\\nabla_x x^\\top x = "
                            "3 x \\text{```</details> [a](javascript:b)}$$\n")  # fmt: skip
    text = markdown(report, "a*b_c.md")
    assert "a\\*b\\_c.md" in text
    assert fence("```", True).startswith("````math\n")
    assert code("a`b") == "``a`b``"


def test_a_fault_of_ours_is_no_verdict(monkeypatch: pytest.MonkeyPatch) -> None:
    from chainrule.check import document

    def broken(*_: object) -> None:
        raise IndexError("list index out of range")

    monkeypatch.setattr(document, "verdict_on", broken)
    report = document.check_document("$x^\\top x = x^\\top x$\n\n$y = y$")
    assert report.ok and report.summary["unknown"] == len(report.claims) > 0
    assert "internal error" in str(report.claims[0].verdict.reason)  # type: ignore[union-attr]
