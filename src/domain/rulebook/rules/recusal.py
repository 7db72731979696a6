"""Recusal: declared first, decided by who may (Art. 23)."""

from domain.kernel import Rule
from domain.rulebook.rules.asked import not_before, one_of

recusal_declared_first = Rule(
    "recusal_declared_first", "23", "convention",
    "须先就该单位作出回避声明（没有应当回避情形的，也须声明“无”）。",
    "A recusal declaration for this unit comes first; where there is no ground, declare none.",
    lambda declared: declared,
)  # fmt: skip
not_recused = Rule(
    "not_recused", "23", "text",
    "已决定对该单位回避，不得参与，也不得查阅。", "Recused from this unit: no part in it and no access to it.",
    lambda recused: not recused,
)  # fmt: skip
recusal_awaits_decision = Rule(
    "recusal_awaits_decision", "23", "text",
    "没有待决定的回避事项。", "There is no recusal awaiting a decision.",
    lambda awaiting: awaiting,
)  # fmt: skip
grounds_known_and_stated = Rule(
    "grounds_known_and_stated", "23", "text",
    "回避情形须是本办法所列，并说明情况。", "The ground must be one the regulation lists, and be explained.",
    lambda grounds, known, stated: set(grounds) <= set(known) and (not grounds or stated),
)  # fmt: skip
recusal_decided_by_who_may = Rule(
    "recusal_decided_by_who_may", "23", "convention",
    "回避须由现行规程规定的机关决定。", "A recusal is decided by the body the edition names.",
    one_of,
)  # fmt: skip
nobody_decides_their_own_recusal = Rule(
    "nobody_decides_their_own_recusal", "23", "convention",
    "不得决定本人的回避。", "Nobody decides on their own recusal.",
    lambda decider, person: decider != person,
)  # fmt: skip
recusal_decision_not_before_declaration = Rule(
    "recusal_decision_not_before_declaration", "23", "convention",
    "决定日期不得早于声明日期。", "The decision cannot come before the declaration.",
    not_before,
)  # fmt: skip
