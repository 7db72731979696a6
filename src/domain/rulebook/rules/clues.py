"""Clues and the report upward: to the office, or directly (Art. 6(2), 9, 13, 14)."""

from domain.kernel import Rule
from domain.rulebook.rules.asked import not_before

category_known = Rule(
    "category_known", "9", "text",
    "问题类别不是本办法第九条所列。", "The category is not one of those Article 9 lists.",
    lambda category, known: category in known,
)  # fmt: skip
item_of_the_category = Rule(
    "item_of_the_category", "9", "text",
    "所列具体问题不属于该问题类别。", "The item is not one of those listed under this category.",
    lambda item, known: item in known,
)  # fmt: skip
first_known_not_after_registration = Rule(
    "first_known_not_after_registration", "14", "convention",
    "首次知悉日期不得晚于登记日期。", "First knowledge cannot come after registration.",
    not_before,
)  # fmt: skip
clue_from_petitions_of_this_inspection = Rule(
    "clue_from_petitions_of_this_inspection", "13", "convention",
    "所引信访件不属于本单位本次巡查，或者未经阅批。",
    "A petition is cited that is not of this inspection, or not yet instructed on.",
    lambda fits: fits,
)  # fmt: skip
reported_once = Rule(
    "reported_once", "14", "convention",
    "该线索已经上报。", "The clue has been reported already.",
    lambda reported: not reported,
)  # fmt: skip
reported_by_the_leader = Rule(
    "reported_by_the_leader", "6(2)", "text",
    "向上报告由巡查组组长负责。", "Reporting upward is owed by the leader personally.",
    lambda duty: duty == "leader",
)  # fmt: skip
report_not_before_knowledge = Rule(
    "report_not_before_knowledge", "14", "convention",
    "上报日期不得早于首次知悉日期。", "A report cannot come before first knowledge.",
    not_before,
)  # fmt: skip
restricted_by_leader_or_deputy = Rule(
    "restricted_by_leader_or_deputy", "14", "convention",
    "限制知悉的线索由组长或者副组长登记。", "A restricted clue is registered by the leader or the deputy leader.",
    lambda restricted, duty: not restricted or duty in ("leader", "deputy_leader"),
)  # fmt: skip
restricted_reported_directly = Rule(
    "restricted_reported_directly", "14", "convention",
    "限制知悉的线索只能由组长直接报告；报告对象解除限制后，转由巡查办办理。",
    "A restricted clue is reported directly and not to the office; it goes on there once its addressee releases it.",
    lambda restricted: not restricted,
)  # fmt: skip
direct_report_of_a_grave_matter = Rule(
    "direct_report_of_a_grave_matter", "14", "interpretation",
    "直接报告限于市管干部严重违纪违法线索，或者现行规程所列的重大问题。",
    "What is reported directly is a clue of serious breach by a city-managed cadre, or a major problem.",
    lambda managed, major_problem: managed == "city" or major_problem is not None,
)  # fmt: skip
direct_report_to_who_may = Rule(
    "direct_report_to_who_may", "14", "text",
    "直接报告的对象须是当日任职的领导小组组长、副组长或者市委书记，且与该线索无关。",
    "A direct report goes to a head of the leading group or the party secretary, in post on that day, whom the clue "
    "does not concern.",
    lambda addressee, in_post, concerned: addressee in in_post and addressee not in concerned,
)  # fmt: skip
known_to_group_and_team_only = Rule(
    "known_to_group_and_team_only", "14", "convention",
    "直接报告解除限制前，只能告知领导小组成员、市委书记或者本组有有效授权、未回避的人员，且须与该线索无关。",
    "Until it is released, a direct report is made known only to members of the leading group, the party secretary, "
    "and those of the team with a live mandate and no recusal, whom the clue does not concern.",
    lambda named, may_know, concerned: set(named) <= set(may_know) - set(concerned),
)  # fmt: skip
somebody_named = Rule(
    "somebody_named", "14", "convention",
    "告知须写明人员。", "Whoever is let know is named.",
    bool,
)  # fmt: skip
direct_report_awaits_its_addressee = Rule(
    "direct_report_awaits_its_addressee", "14", "convention",
    "没有尚未解除限制的直接报告。", "There is no direct report that is still restricted.",
    lambda restricted: restricted,
)  # fmt: skip
decided_by_its_addressee = Rule(
    "decided_by_its_addressee", "14", "text",
    "直接报告告知何人、何时解除限制，由报告对象本人决定。",
    "Whom a direct report is made known to, and its release, are decided by its addressee.",
    lambda doer, addressee: doer == addressee,
)  # fmt: skip
not_before_the_direct_report = Rule(
    "not_before_the_direct_report", "14", "convention",
    "告知和解除限制的日期不得早于直接报告日期。", "Letting know and release cannot come before the direct report.",
    not_before,
)  # fmt: skip
