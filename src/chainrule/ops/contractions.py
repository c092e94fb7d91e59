"""Contractions: the einsum signature is shape rule, lowering and derivative in one."""

from chainrule.ops.table import Op, row

row(Op("add", "contraction", None, "sum; a scalar spreads over a matrix", "ij,ij->ij"))
row(Op("mul", "contraction", None, "product, associated to the left", "ij,jk->ik"))
row(Op("hadamard", "contraction", None, "elementwise product", "ij,ij->ij"))
row(Op("transpose", "contraction", 1, "transpose", "ij->ji"))
row(Op("tr", "contraction", 1, "trace", "ii->11"))
row(Op("sum", "contraction", 1, "sum of all entries", "ij->11"))
row(Op("sum_rows", "contraction", 1, "one sum per row", "ij->i1"))
row(Op("sum_cols", "contraction", 1, "one sum per column", "ij->1j"))
row(Op("diag", "contraction", 1, "diagonal matrix of a vector; diagonal of a matrix"))
row(Op("vec", "contraction", 1, "columns stacked", "ij->(ji)1"))
row(Op("kron", "contraction", 2, "Kronecker product", "ij,kl->(ik)(jl)"))
