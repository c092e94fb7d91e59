"""Steps as data: rules, certificates, names, reasons."""

import pytest

import chainrule as cr
from chainrule.calculus import equal
from chainrule.derivation import derivation, derivations, methods_for
from chainrule.derivation.data import METHODS, Derivation
from chainrule.errors import CertificateError, UnsupportedError, UsageError
from chainrule.expr import Expr, node, substitute
from chainrule.read import read


def make(
    text: str, wrt: str, method: str = "differential", *var: str, layout: str = "gradient"
) -> Derivation:
    return derivation(read(text, var), wrt, method, layout=layout)


def rules(d: Derivation) -> list[str]:
    return [s.rule.name for s in d.steps]


def written_out(d: Derivation) -> Expr:
    table: dict[Expr, Expr] = {}
    for name, e in d.definitions.items():
        table[node("symbol", (), (name,), e.shape)] = substitute(e, table)
    return substitute(d.result, table)


# -- the four methods ------------------------------------------------------------------------
def test_differential() -> None:
    d = make("tr(X'*A*X)", "X")
    assert rules(d) == ["product_rule", "trace_cyclic", "collect", "read_off_trace"]
    assert d.steps[1].before == d.steps[0].after


def test_index() -> None:
    d = make("x'*A*x", "x", "index")
    assert rules(d) == ["entry", "kronecker_delta", "sum_out", "recognise"]
    shown = [s.after.body.write("unicode") for s in d.steps[:3]]  # type: ignore[union-attr]
    assert shown == ["∑ᵢⱼ xᵢ Aᵢⱼ xⱼ", "∑ᵢⱼ (δᵢₖ Aᵢⱼ xⱼ + δⱼₖ xᵢ Aᵢⱼ)", "∑ⱼ Aₖⱼ xⱼ + ∑ᵢ xᵢ Aᵢₖ"]


def test_index_says_which_entries_vanish() -> None:
    d = make("T = X*W; Q = sum(exp(T))", "W", "index", "X: N,D; W: D,K")
    (step,) = [s for s in d.steps if s.rule.name == "cases"]
    assert step.after.body.write("unicode") == "{ Xₖᵢ, l = j;  0, l ≠ j }"  # type: ignore[union-attr]
    assert "begin{cases}" in step.after.body.write("latex")  # type: ignore[union-attr]


def test_kronecker() -> None:
    d = make("A*X*B", "X", "kronecker", "A: m,n; X: n,p; B: p,q", layout="vec")
    assert str(d.result) == "kron(B',A)"
    assert "kron_vec" in rules(d)


def test_kronecker_reshapes_to_the_variable() -> None:
    d = make("1/2*norm2(phi(W*x+b)-y)^2", "W", "kronecker")
    places = [rules(d).index(r) for r in ("chain_jacobians", "pull_row", "reshape")]
    assert places == sorted(places)


def test_backprop_runs_in_reverse_and_adds_at_fan_outs() -> None:
    text = "a = tanh(W*x); b = exp(U*a); c = sigmoid(V*a); f = sum(b.*c)"
    d = make(text, "x", "backprop", "W: m,n; U: k,m; V: k,m")
    named = [s.after.label.names[-1] for s in d.steps if s.after.label.kind == "signal"]
    order = list(d.definitions)
    positions = [order.index(n) for n in named]
    assert positions == sorted(positions, reverse=True)
    assert rules(d).count("fan_out") == 1
    assert "a" in d.definitions and "delta_a" in d.definitions


def test_a_constant_signal_is_passed_on() -> None:
    d = make("s = exp(a'*x); t = s + 1; 2*s + t", "x", "backprop")
    assert equal(written_out(d), read("3*exp(a'*x)*a").expr).verdict == "equal"
    assert rules(d)[3:-2] == ["function", "output", "fan_out", "backward"]


def test_cached_values_have_names() -> None:
    d = make("h = sigmoid(W*x); f = sum(h.^2)", "W", "backprop", "W: m,n; x: n")
    signal = next(s for s in d.steps if s.after.label.names[-1] == "z_1"
                  and s.after.label.kind == "signal")  # fmt: skip
    assert "sigmoid" not in repr(signal.after.body)


def test_user_names_return_to_flattened_products() -> None:
    d = make("z = W*x; J = d'*z", "W", "backprop", "W: m,n; x: n; d: m")
    assert next(iter(d.definitions)) == "z" and str(d.steps[1].after.body) == "d'*z"


def test_auxiliaries_do_not_look_like_the_users_names() -> None:
    d = make("f = norm2(W*x-z1)^2+sum(exp(W*x))", "W", "differential", "x: n; z1: m; W: m,n")
    assert "z_1" not in d.definitions


# -- ends, layouts, structure ------------------------------------------------------------------
@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize(
    "text",
    ["log(det(A+X'*X))", "norm2(A*X*b-c)^2", "sum(exp(A*X))", "tr(inv(A+X*X')*B)"],
)
def test_ends_at_the_certified_answer(method: str, text: str) -> None:
    reading = read(text)
    d = derivation(reading, "X", method)
    assert equal(written_out(d), d.answer.result).verdict == "equal" or d.answer.where
    assert d.certified and d.answer.certificate.verdict == "equal"


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("layout", ["gradient", "numerator", "denominator", "vec"])
def test_layouts(method: str, layout: str) -> None:
    d = make("b'*X*c+tr(X'*A*X)", "X", method, "X: n,p; A: n,n", layout=layout)
    assert d.result.shape == d.answer.result.shape
    assert equal(written_out(d), d.answer.result).verdict == "equal"


def test_the_differential_itself() -> None:
    d = make("A*X*B", "X", "differential", layout="differential")
    assert str(d.result) == "A*dX*B"


def test_symmetric_variable() -> None:
    d = make("a'*X*b", "X", "differential", "X: n,n symmetric")
    assert rules(d)[-1] == "symmetric_project" and str(d.result) == "1/2*(a*b'+b*a')"


def test_sums_over_families() -> None:
    d = make("S = inv(C); y = n/2*log(det(S))-1/2*sum(i=1:n, (x_i-mu)'*S*(x_i-mu))", "C",
             "kronecker", "C: m,m; x_i: m, i=1:n; mu: m")  # fmt: skip
    row = next(s.after.body for s in d.steps if s.after.label.kind == "vecrow")
    assert str(row) == "1/2*n*vec(inv(S)')'-1/2*sum(i=1:n, kron((x_i-mu)',(x_i-mu)'))"
    assert rules(d)[-2:] == ["reshape", "families"]


# -- refusals ------------------------------------------------------------------------------------
def test_backprop_needs_a_scalar() -> None:
    with pytest.raises(UnsupportedError, match="starts from a scalar"):
        make("A*x", "x", "backprop")


def test_index_names_what_stands_in_the_way() -> None:
    with pytest.raises(UnsupportedError, match="expm"):
        make("tr(expm(X))", "X", "index")


def test_unknown_method() -> None:
    with pytest.raises(UsageError, match="differential, index, kronecker, backprop"):
        make("x'*x", "x", "guess")


def test_all_methods_with_reasons() -> None:
    found = derivations(read("A*x"), "x")
    assert list(found) == list(METHODS)
    assert isinstance(found["backprop"], str) and isinstance(found["index"], Derivation)
    assert methods_for(read("A*x"), "x") == ["differential", "index", "kronecker"]


def test_name_of_the_differential_in_use() -> None:
    with pytest.raises(UnsupportedError, match="dx"):
        make("dx'*x", "x", "differential", "dx: n; x: n")


# -- certification -------------------------------------------------------------------------------
def test_every_step_says_what_certifies_it() -> None:
    for method in METHODS:
        for step in make("log(det(A+X'*X))", "X", method).steps:
            assert set(step.by) <= {"canonical form", "numerical", "definition"} and step.by


def test_a_wrong_rule_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    from chainrule.derivation import differentiate

    right = differentiate.rebuild_product
    monkeypatch.setattr(differentiate, "rebuild_product", lambda e, k, v: right(e, k, v) * 2)
    with pytest.raises(CertificateError, match="not the differential"):
        make("x'*A*x", "x")


def test_a_wrong_line_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    from chainrule.derivation import differential

    monkeypatch.setattr(differential, "_turned", lambda t, root, dx: -t)
    with pytest.raises(CertificateError, match="not an equality"):
        make("x'*A*x", "x")


def test_a_wrong_entry_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    from chainrule.derivation import index

    right = index.with_deltas
    monkeypatch.setattr(index, "with_deltas", lambda *a: right(*a)[:-1])
    with pytest.raises(CertificateError, match="derivative"):
        make("x'*A*x", "x", "index")


# -- readers ---------------------------------------------------------------------------------------
def test_why() -> None:
    d = make("x'*inv(A)*x", "x")
    reason = d.why(1)
    assert "Product rule" in reason and "dxᵀ A⁻¹ x" in reason and "numbers" in reason
    assert "произведения" in d.why(1, "ru")
    with pytest.raises(UsageError, match="1 to"):
        d.why(99)


def test_python_door() -> None:
    x, a = cr.vector("x", "n"), cr.matrix("A", "n", "n")
    d = cr.derive(x.T @ a @ x, x, method="differential")
    assert str(d).endswith("∂f/∂x = (A + Aᵀ) x") and str(d.answer) == "(A+A')*x"
    assert d._repr_html_().startswith("<section") and "aligned" in d._repr_latex_()
    assert not isinstance(cr.derive(x.T @ a @ x, x), Derivation)
    with pytest.raises(UnsupportedError, match="first derivative"):
        cr.derive(x.T @ a @ x, x, order=2, method="index")
