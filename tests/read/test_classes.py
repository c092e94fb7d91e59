"""Class labels as indices; the variable of differentiation and families."""

import pytest

from chainrule import derive, equal, parse
from chainrule.errors import ChainruleError, ShapeError, UnsupportedError
from chainrule.expr import Expr, postorder, substitute, symbols
from chainrule.read import read_any
from chainrule.write import plain

SIZES = "P: n,K positive; Y: n,K one_hot; z: K; T: n,K"


def read(text: str, *declared: str) -> Expr:
    return read_any(text, declared or [SIZES]).expr


@pytest.mark.parametrize(
    ("text", "twin"),
    [
        ("[j==c_i]", "c[i,j]"),
        (r"[j = c_i]", "c[i,j]"),
        (r"\mathbb{1}(c_i = j)", "c[i,j]"),
        (r"e_{c_i}", "c[i,:]'"),
        ("unit(K,c_i)", "c[i,:]'"),
    ],
)
def test_a_label_is_an_entry_or_row_of_a_one_hot_matrix(text: str, twin: str) -> None:
    found = read_any(text, ["c: n,K one_hot"]).expr
    assert found is read(twin, "c: n,K one_hot")


@pytest.mark.parametrize(
    ("text", "twin"),
    [
        ("sum(i=1:n, log(P[i,c_i]))", "sum(i=1:n, log(P[i,:]*Y[i,:]'))"),
        ("sum(i=1:n, z[c_i])", "sum(i=1:n, sum(Y[i,:]'.*z))"),
        ("sum(i=1:n, sum(j=1:K, [j==c_i]*T[i,j]))", "sum(i=1:n, sum(j=1:K, Y[i,j]*T[i,j]))"),
        ("sum(i=1:n, [c_i==c_i])", "sum(i=1:n, Y[i,:]*Y[i,:]')"),
    ],
)
def test_the_only_one_hot_matrix_holds_the_classes(text: str, twin: str) -> None:
    found = read_any(text, [SIZES])
    assert found.expr is read(twin)
    assert any("row i of Y" in r for r in found.remarks)


def test_a_label_under_a_sum_moves_with_it() -> None:
    found = read_any("sum(i=1:n, log(P[i,c_i]))", ["P: n,K positive"])
    assert "c" in plain(found.expr) and "c_i" not in plain(found.expr)
    assert any("one-hot matrix c" in r for r in found.remarks)


@pytest.mark.parametrize(
    "text",
    [
        r"-\sum_{i=1}^n \left(t_{i c_i} - \log\sum_{k=1}^K \exp(t_{ik})\right)",
        "-sum(i=1:n, log(softmax(t[i,:]')[c_i]))",
        "sum(i=1:n, logsumexp(t[i,:]')-t[i,c_i])",
    ],
)
def test_cross_entropy_by_labels(text: str) -> None:
    declared = "t: n,K; c: n,K one_hot"
    answer = derive(parse(text, declared), "t")
    assert answer.certificate.verdict == "equal"
    found = answer.result
    for name, value in reversed(answer.where):
        found = substitute(found, {s: value for n, s in symbols(found).items() if n == name})
    assert equal(found, parse("softmax_rows(t)-c", declared)).verdict == "equal"


def test_members_by_labels_in_latex() -> None:
    answer = derive(r"-\sum_{i=1}^n \log \operatorname{softmax}_{c_i}(t_i)", "t")
    assert answer.certificate.verdict == "equal"
    assert answer.variables["t"].traits == {"family"}


def test_what_holds_no_classes_is_refused_by_name() -> None:
    with pytest.raises(UnsupportedError, match="c holds no classes"):
        read("sum(i=1:n, z[c_i])", "c: n; z: K")


@pytest.mark.parametrize("text", ["[c_==j]", "P[c_i,c_i,c_i]", "unit(c_i,3)"])
def test_bad_labels_are_errors_for_people(text: str) -> None:
    with pytest.raises(ChainruleError):
        read(text)


@pytest.mark.parametrize(
    ("text", "by", "expected"),
    [
        ("sum(i=1:n, x_i'*A*x_i)", "x", "x*(A+A')"),
        ("sum(i=1:n, x_i^2)", "x", "2*x"),
        ("sum(i=1:n, a_i*x_i)", "x", "a"),
        ("sum(i=1:n, norm2(x_i-m)^2)", "x", "2*(x-ones(n)*m')"),
        ("sum(i=1:n, tr(X_i))", "X", "kron(ones(n),eye(m))"),
    ],
)
def test_by_x_the_members_keep_their_kind(text: str, by: str, expected: str) -> None:
    assert plain(derive(text, by).result) == expected


@pytest.mark.parametrize(
    "text", ["softmax(w'*x)", "exp(logsoftmax(w'*x))", "softmax(w'*x_i)", "p*softmax(w'*x)"]
)
def test_a_softmax_takes_no_scalar(text: str) -> None:
    softmaxes = [e for e in postorder(parse(text)) if e.op in ("softmax", "logsoftmax")]
    assert softmaxes and not any(e.args[0].is_scalar for e in softmaxes)


def test_a_softmax_that_would_have_to_be_a_scalar_is_refused() -> None:
    with pytest.raises(ShapeError, match=r"softmax\(x_i\) \(n×1\)"):
        parse("1/softmax(x_i)")
    with pytest.raises(ShapeError):
        parse("softmax(x^2)")
