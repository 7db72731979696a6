"""Recusal: declared first, asked for by others, decided by who may (Art. 6(4), 23)."""

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
own_recusal_is_declared = Rule(
    "own_recusal_is_declared", "23", "text",
    "本人的回避由本人作回避声明，不以他人提出的方式办理。",
    "One's own recusal is declared; only another's is asked for.",
    lambda asked_by, person: asked_by != person,
)  # fmt: skip
recusal_request_names_a_ground = Rule(
    "recusal_request_names_a_ground", "23", "text",
    "提出他人回避的，须写明属于哪种回避情形。", "Who asks for another's recusal names the ground.",
    bool,
)  # fmt: skip
recusal_asked_by_who_may = Rule(
    "recusal_asked_by_who_may", "6(4), 23", "convention",
    "他人的回避，由巡查组组长或者组内人员、巡查办提出；被巡查单位仅在现行规程准许时可以提出。",
    "Another's recusal is asked for by the leader, by others of the team, or by the office; "
    "by the unit only where the edition lets it.",
    bool,
)  # fmt: skip
recusal_request_awaits_an_answer = Rule(
    "recusal_request_awaits_an_answer", "23", "convention",
    "没有待本人陈述意见的回避事项。", "Nobody has asked for a recusal that awaits an answer.",
    bool,
)  # fmt: skip
recusal_answer_not_before_request = Rule(
    "recusal_answer_not_before_request", "23", "convention",
    "陈述意见的日期不得早于提出回避的日期。", "The answer cannot come before what it answers to.",
    not_before,
)  # fmt: skip
recusal_not_decided_by_who_asked = Rule(
    "recusal_not_decided_by_who_asked", "23", "convention",
    "提出回避的人不得决定该回避。", "Whoever asked for a recusal does not decide on it.",
    lambda decider, asked_by: decider not in asked_by,
)  # fmt: skip
recusal_decision_not_before_request = Rule(
    "recusal_decision_not_before_request", "23", "convention",
    "决定日期不得早于提出回避的日期。", "The decision cannot come before the recusal was asked for.",
    not_before,
)  # fmt: skip
recusal_upheld_after_hearing = Rule(
    "recusal_upheld_after_hearing", "23", "convention",
    "他人提出的回避，须先听取本人意见；未听取即决定回避的，须写明理由。",
    "A recusal others asked for is upheld after the person was heard, or with the reason why not.",
    lambda heard, reason: heard or reason,
)  # fmt: skip
replacement_after_an_upheld_recusal = Rule(
    "replacement_after_an_upheld_recusal", "23", "convention",
    "替补须在决定回避之后授权，不得早于决定之日。",
    "A replacement is authorised after the recusal was upheld, not before that day.",
    lambda off_since, decided_on: off_since is not None and off_since <= decided_on,
)  # fmt: skip
replacement_by_another_in_the_same_duty = Rule(
    "replacement_by_another_in_the_same_duty", "23", "convention",
    "替补须是另一人，授权的职务和单位须是被替补的人在该组原有的职务和回避的单位。",
    "A replacement is somebody else, for the duty the replaced had in that team and for the unit they are off.",
    lambda another, same: another and same,
)  # fmt: skip
