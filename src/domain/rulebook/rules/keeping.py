"""Keeping what is on record: paper, time, keys (Art. 28)."""

from domain.kernel import Rule
from domain.rulebook.rules.asked import one_of

key_destruction_decided_by_who_may = Rule(
    "key_destruction_decided_by_who_may", "28", "convention",
    "销毁密钥须由现行规程规定的机关决定。", "The destruction of a key is decided by the body the edition names.",
    one_of,
)  # fmt: skip
key_not_under_a_hold = Rule(
    "key_not_under_a_hold", "28", "convention",
    "事项尚未办结，或者有关移交尚未答复，密钥不得销毁。",
    "The matter is not closed, or a transfer of it not answered: its key is not destroyed.",
    lambda held: not held,
)  # fmt: skip


paper_has_reference = Rule(
    "paper_has_reference", "28", "convention",
    "代他人补录须由巡查办依纸质材料办理，并注明文号或者编号。",
    "Acts of others are entered by the office, from paper, with the paper's reference.",
    lambda same_person, is_office, has_paper: same_person or (is_office and has_paper),
)  # fmt: skip
nobody_records_what_favours_them = Rule(
    "nobody_records_what_favours_them", "28", "convention",
    "不得代他人补录使本人得到授权、职务或者回避结果的行为。",
    "Nobody enters, for somebody else, an act that gives themselves a mandate, a post or a recusal's outcome.",
    lambda own, signer, person: own or signer != person,
)  # fmt: skip
nobody_gives_themselves_authority = Rule(
    "nobody_gives_themselves_authority", "4(5)", "convention",
    "不得给本人登记任职或者授权，由另一名有权的人办理。",
    "Nobody gives themselves a post or a mandate: somebody else who may does.",
    lambda giver, person: giver != person,
)  # fmt: skip
not_in_the_future = Rule(
    "not_in_the_future", "28", "convention",
    "发生日期不得晚于登记当日。", "What is put on record cannot lie in the future.",
    lambda on, today: on is None or on <= today,
)  # fmt: skip
days_corrected_by_the_office = Rule(
    "days_corrected_by_the_office", "28", "convention",
    "录错的日期由巡查办主任、副主任更正。", "A day recorded wrongly is corrected by the office's director or deputy.",
    one_of,
)  # fmt: skip
days_not_corrected_by_the_team = Rule(
    "days_not_corrected_by_the_team", "28", "convention",
    "在该单位有授权的人，不得更正该单位事项的日期。",
    "Who has, or had, a mandate at the unit does not correct the days of its matters.",
    lambda mandates: not mandates,
)  # fmt: skip
corrected_day_fits_the_others = Rule(
    "corrected_day_fits_the_others", "28", "convention",
    "更正后的日期与该事项其他日期相矛盾。", "The corrected day contradicts other days of the matter.",
    bool,
)  # fmt: skip
