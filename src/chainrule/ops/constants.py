"""Constants whose sizes may be symbolic."""

from chainrule.ops.table import Op, row

row(Op("eye", "constant", 0, "identity matrix", params=1))
row(Op("ones", "constant", 0, "matrix of ones", params=2))
row(Op("zeros", "constant", 0, "matrix of zeros", params=2))
row(Op("unit", "constant", 0, "unit vector e_i", params=2))
row(Op("commut", "constant", 0, "commutation matrix: commut(m,n)*vec(A) = vec(A')", params=2))
row(Op("dup", "constant", 0, "duplication matrix: dup(n)*vech(S) = vec(S)", params=1))
row(Op("elim", "constant", 0, "elimination matrix: elim(n)*vec(A) = vech(A)", params=1))
row(Op("pi", "constant", 0, "circle constant", params=0))
