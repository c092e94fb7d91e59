"""The words by which headings, prose and formulas are told apart, in several languages."""

from __future__ import annotations

import re

_PROBLEM = (
    "problem|question|exercise|task|example|theorem|lemma|proposition|corollary|claim|"
    "aufgabe|übung|beispiel|satz|exercice|problème|exemple|théorème|"
    "ejercicio|problema|pregunta|ejemplo|teorema|esercizio|exercício|"
    "задача|задание|упражнение|вопрос|пример|теорема|лемма|"
    "سوال|سؤال|مسئله|مسأله|مساله|تمرین|پرسش|مثال|قضیه|"
    "问题|題目|题目|习题|習題|练习|练习题|例题|例|题|問題|定理|引理|문제|예제|שאלה|תרגיל"
)
_SOLUTION = (
    "solutions?|answers?|proof|hint|step|derivation|lösung|beweis|corrigé|démonstration|"
    "solución|respuesta|demostración|решение|ответ|доказательство|указание|шаг|"
    "پاسخ|جواب|حل|راه[ \u200c]?حل|اثبات|راهنمایی|گام|"
    "解答|解析|答案|解|答|证明|證明|步骤|풀이|정답|פתרון|תשובה"
)
_NUMBER = (
    r"[(（\[]?(?:\d{1,4}(?:[.\-]\d{1,4}){0,3}[a-zа-я]?|(?-i:[IVXL]{1,6}|[A-Z])"
    r"|[一二三四五六七八九十]{1,3}|اول|دوم|سوم|چهارم|پنجم|ششم)(?![^\W\d_])[)）\]]?"
)
_NAMED = (
    rf"(?P<word>{_PROBLEM})(?:[ \u200c]?ی)?[ \t\u00a0]{{0,3}}(?:no\.|№|#)?[ \t]{{0,3}}{_NUMBER}"
)
_ORDINAL = r"第[ \t]?(?:\d{1,4}|[一二三四五六七八九十]{1,3})[ \t]?(?P<ordinal>题|問|问)"
_BARE = rf"(?P<bare>{_PROBLEM})"

PROBLEM = re.compile(rf"(?:{_NAMED}|{_ORDINAL}|{_BARE}[ \t]*[:：.。]?[ \t]*\Z)", re.I)
SOLUTION = re.compile(rf"(?:{_SOLUTION})(?![^\W\d_])", re.I)
NUMBERING = re.compile(r"[\d.]{1,12}\)?[ \t]+")

# A line of running text that nevertheless opens a problem or its solution. Each line is tried once.
LINE_HEADING = re.compile(
    rf"^[ \t]*(?P<title>(?:{_NAMED}|{_ORDINAL})"
    r"(?=[ \t]*(?:$|[.:：。]|[—–-][ \t]|\([^()\n]{1,80}\)[ \t]*$))"
    rf"|(?:{_PROBLEM})(?=[ \t]*[:：]?[ \t]*$)"
    rf"|(?:{_SOLUTION})(?:[ \t]{_NUMBER})?(?=[ \t]*[:：.]?[ \t]*$))",
    re.I | re.M,
)


def _words(*lines: str) -> frozenset[str]:
    return frozenset(" ".join(lines).split())


STOP = _words(
    "and or the is are be of to in on for with we that this if then so as by at it an from per",
    "let where when which has have but not costs cost each und oder der die das ist von zu mit",
    "et ou le la les est de que para con los una",
    "и или в на по из для что это как не от до при то а с к",
    "و یا از به در که را با برای این آن است",
)
FUNCTIONS = _words(
    "inv pinv det logdet tr trace adj expm logm sqrtm sinm cosm eigmax exp log ln sqrt abs sign",
    "sgn sin cos tan sec cot sinh cosh tanh arcsin arccos arctan asin acos atan erf lgamma digamma",
    "gamma sigmoid softplus relu leakyrelu gelu step max min argmax argmin sup inf lim sum mean",
    "prod norm norm1 norm2 normf softmax logsoftmax logsumexp vec vech diag kron hcat vcat eye",
    "ones zeros unit commut dup vector matrix pi grad hessian jacobian rank dim ker span cov var",
    "softmax_rows logsoftmax_rows logsumexp_rows sum_rows sum_cols input const mod lse",
    "alpha beta delta epsilon zeta eta theta iota kappa lambda mu nu xi rho sigma tau upsilon phi",
    "chi psi omega",
)


def heading_role(title: str) -> tuple[str, str]:
    """``("problem", word)``, ``("solution", "")`` or ``("", "")`` for the text of a heading."""
    stripped = title.strip(" \t*_#:")
    numbering = NUMBERING.match(stripped)
    for text in (stripped, stripped[numbering.end() :]) if numbering else (stripped,):
        found = PROBLEM.match(text)
        if found:
            word = found["word"] or found["ordinal"] or found["bare"] or ""
            return "problem", word.lower()
        if SOLUTION.match(text):
            return "solution", ""
    return "", ""
