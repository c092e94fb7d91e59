"""Words by which prose declares something of a name, in English, Russian, Persian and Chinese.

A table, not a grammar: what a phrase says (as ``facts`` reports it) and how it is written. Russian
endings are left open; Persian is matched with and without the zero-width non-joiner. All is in
small letters, and compared with ``in_small_letters``: ignoring case in the pattern is much slower.
"""

from __future__ import annotations

import re

_Z = "[ \u200c]?"  # between the parts of a Persian word

# kinds of things
KINDS: dict[str, str] = {
    "row vector": rf"row[ -]vectors?|вектор\w*[ -]строк\w*|بردار{_Z}(?:های{_Z})?سطری|行向量",
    "column vector": rf"column[ -]vectors?|вектор\w*[ -]столб\w*|بردار{_Z}(?:های{_Z})?ستونی|列向量",
    "scalar": r"scalars?|real numbers?|скаляр\w*|вещественн\w+ числ\w+|числ[оаом]{1,2}"
    r"|(?:عدد[ ])?(?:اسکالر|نرده\u200c?ای)|标量|純量|实数",
    "vector": r"vectors?|вектор\w*|بردار(?:ی|های|ها)?|向量|矢量",
    "matrix": r"matrix|matrices|матриц\w*|ماتریس(?:ی|های|ها)?|矩阵|矩陣",
    "function": r"functions?|функци\w+|تابع(?:ی)?|توابع|函数|函數",
}
# properties; the names are those of declarations where there is one
TRAITS: dict[str, str] = {
    "positive_semidefinite": r"positive[ -]semi-?definite|psd|неотрицательно[ -]определ\w+"
    r"|положительно[ -]полуопредел\w+|نیمه" + _Z + r"معین مثبت|半正定",
    "positive_definite": r"positive[ -]definite|s?pd|положительно[ -]определ\w+"
    r"|(?:مثبت معین|معین مثبت)|正定",
    "skew": r"skew[ -]symmetric|anti-?symmetric|кососимметри\w+|антисимметри\w+"
    r"|پادمتقارن|反对称|斜对称",
    "symmetric": r"symmetric(?:al)?|симметри\w+|متقارن|对称|對稱",
    "diagonal": r"diagonal|диагональн\w+|قطری|对角|對角",
    "upper": r"upper[ -]triangular|верхн\w{0,3}треугольн\w+|بالا" + _Z + r"مثلثی|上三角",
    "lower": r"lower[ -]triangular|нижн\w{0,3}треугольн\w+|پایین" + _Z + r"مثلثی|下三角",
    "orthogonal": r"orthogonal|orthonormal|ортогональн\w+|متعامد|正交",
    "invertible": r"invertible|non-?singular|regular|full[ -]rank|обратим\w+|невырожденн\w+"
    r"|معکوس" + _Z + r"پذیر(?:ند)?|وارون" + _Z + r"پذیر(?:ند)?|可逆|非奇异",
    "nonnegative": r"non-?negative|неотрицательн\w+|نامنفی|非负",
    "positive": r"(?:strictly )?positive|положительн\w+|مثبت|正的",
    "square": r"square|квадратн\w+|مربعی|方",
    "unit_norm": r"unit[ -](?:norm|length|vectors?)|единичн\w+ вектор\w*|بردار یکه|单位向量",
    "one_hot": r"one[ -]?hot",
    "identity": r"identity|единичн\w+ матриц\w+|ماتریس همانی|همانی|单位矩阵|单位阵",
    "constant": r"constants?|fixed|константа?\w*|постоянн\w+|ثابت|常数|常量|常向量|常矩阵",
    "elementwise": r"element-?[ ]?wise|entry-?wise|component-?wise|pointwise|покомпонентн\w+"
    r"|поэлементн\w+|(?:عنصر|مؤلفه|درایه)" + _Z + r"به" + _Z + r"(?:عنصر|مؤلفه|درایه)"
    r"|逐元素|按元素|逐分量",
}
COPULA = (
    r"is|are|be|being|denotes?|represents?|means?|[—–]|-(?=[ ])|является|являются|есть|это"
    r"|имеет\s+размер(?:ность|ы)?"
    r"|обозначает|یک|بود|باشد|باشند|است|هستند|是|为|為|表示|代表"
)
JOINER = r"[,،、]|and|&|и|و|和|与|及"
ARTICLE = (
    r"an?|the|any|some|both|all|each|given|assumed|to|real|complex|also|both|known|now|of|size"
    r"|некоторая|некоторый|данная|это|هر|یا|个|一个|一|个|都|均|的|n|m|d|k|p"
)
NOT = r"not|never|isn't|aren't|no|не|نیست|نیستند|نباشد|نباشند|不|非|没有"
CONDITION = r"if|when(?:ever)?|in case|unless|если|когда|اگر|چنانچه|در صورتی|若|如果|当|假如"
GOAL = (
    r"show|prove|verify|check whether|whether|докаж\w+|покаж\w+|проверьте|верно ли"
    r"|ثابت کنید|نشان دهید|اثبات کنید|آیا|证明|是否|说明"
)

# whole phrases that fix how derivatives are laid out
LAYOUTS: dict[str, str] = {
    "numerator": r"numerator[ -](?:layout|convention|form)"
    r"|jacobian (?:layout|formulation|convention)"
    r"|layout[^.。]{0,20}numerator|分子布局|分子排列|分子记法|分子形式"
    r"|(?:раскладк|компоновк|нотаци|макет)\w* (?:по )?числител\w+"
    r"|числительн\w+ (?:раскладк|компоновк|нотаци)\w*"
    r"|rows?\b[^.\n]{0,40}\b(?:outputs|gradients? of)|(?:چیدمان|قرارداد|طرح" + _Z + r"بندی) صورت"
    r"|سطر\S{0,4}[^.\n]{0,20}گرادیان"
    r"|(?:производн|якоби|градиент)\w*[^.\n]{0,40}по строкам"
    r"|по строкам[^.\n]{0,30}(?:якоби|градиент|производн)\w*"
    r"|关于列向量的(?:微分|导数)是一?个?行向量",
    "denominator": r"denominator[ -](?:layout|convention|form)|(?:gradient|hessian) formulation"
    r"|layout[^.。]{0,20}denominator|分母布局|分母排列|分母记法|分母形式"
    r"|(?:раскладк|компоновк|нотаци|макет)\w* (?:по )?знаменател\w+"
    r"|(?:چیدمان|قرارداد|طرح" + _Z + r"بندی) مخرج"
    r"|(?:производн|якоби|градиент)\w*[^.\n]{0,40}по столбцам",
    "gradient": r"shape convention|same (?:shape|size|dimensions) as (?:the |its |their )?"
    r"(?:parameters?|variables?|weights?)|梯度[^。\n]{0,16}(?:保持一致|相同|一致)"
    r"|微分[^。\n]{0,20}(?:shape|形状|维度)[^。\n]{0,4}(?:相同|一致)"
    r"|размер\w* градиента совпада\w+",
    "column vectors": r"vectors? (?:are|is) (?:assumed to be |taken as |always )?columns?\b"
    r"|вектор\w* (?:считаются|являются|—|-)?[ ]?(?:вектор\w*[ -])?столбц\w+"
    r"|(?:所有|全部)?向量[都均默认]{0,3}[是为]列向量|بردارها[^.\n]{0,12}ستونی",
}  # fmt: skip


def table(words: dict[str, str]) -> list[tuple[str, re.Pattern[str]]]:
    """Patterns of a table of phrases, for text in small letters."""
    return [(name, re.compile(pattern)) for name, pattern in words.items()]


LAYOUT_PATTERNS = table(LAYOUTS)


def in_small_letters(text: str) -> str:
    """The text in small letters, of the same length."""
    low = text.lower()
    return low if len(low) == len(text) else "".join(c.lower()[0] for c in text)
