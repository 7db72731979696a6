"""Clues and what becomes of them: report upward, disposal, transfer, answer (Art. 3, 9, 14, 17)."""

from domain.kernel import Rule
from domain.rulebook.rules.asked import not_before, one_of

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
proposal_after_report = Rule(
    "proposal_after_report", "17", "text",
    "线索上报巡查办之后，才能提出分类处置意见。", "A class of disposal is proposed after the clue has been reported.",
    lambda reported: reported,
)  # fmt: skip
proposal_not_before_report = Rule(
    "proposal_not_before_report", "17", "convention",
    "提出处置意见的日期不得早于上报日期。", "A proposal cannot come before the report.",
    not_before,
)  # fmt: skip
one_proposal_at_a_time = Rule(
    "one_proposal_at_a_time", "17", "convention",
    "已有待决定或已决定的处置意见。", "A proposal awaits decision, or has been decided, already.",
    lambda pending_or_decided: not pending_or_decided,
)  # fmt: skip
route_follows_the_class = Rule(
    "route_follows_the_class", "17", "text",
    "移交途径与分类不符：按干部管理权限和职责分工移交。",
    "The route does not follow the class: transfer goes by authority over cadres and division of duties.",
    lambda organ_class, routes: organ_class in routes,
)  # fmt: skip
only_members_are_summoned = Rule(
    "only_members_are_summoned", "3", "text",
    "只有领导小组成员可以列入通知范围。", "Only members of the leading group are summoned.",
    lambda is_member: is_member,
)  # fmt: skip
summons_leaves_out_the_concerned = Rule(
    "summons_leaves_out_the_concerned", "3", "convention",
    "与该事项有关的人员（本组、本单位、本人）不得列入通知范围。",
    "A summons leaves out whoever's own team, unit or person the item concerns.",
    lambda summoned, concerned: not set(summoned) & set(concerned),
)  # fmt: skip
disposal_awaits_decision = Rule(
    "disposal_awaits_decision", "17", "text",
    "没有待领导小组决定的处置意见。", "No proposed disposal awaits the leading group's decision.",
    lambda awaiting: awaiting,
)  # fmt: skip
decision_not_before_proposal = Rule(
    "decision_not_before_proposal", "17", "convention",
    "决定日期不得早于提出日期。", "A decision cannot come before its proposal.",
    not_before,
)  # fmt: skip
disposal_decided_by_who_may = Rule(
    "disposal_decided_by_who_may", "17", "text",
    "分类处置由现行规程规定的机关决定，由其主要负责人主持。",
    "Disposals are decided by the body the edition names, its head presiding.",
    one_of,
)  # fmt: skip
decided_without_the_concerned = Rule(
    "decided_without_the_concerned", "3", "convention",
    "与该事项有关的人员不得主持或者参加决定。",
    "Whoever's own team, unit or person the item concerns neither presides nor attends.",
    lambda present, concerned: not set(present) & set(concerned),
)  # fmt: skip
transfer_after_decision = Rule(
    "transfer_after_decision", "17", "text",
    "领导小组作出分类处置决定后才能移交。", "Transfer follows the leading group's decision.",
    lambda decided: decided,
)  # fmt: skip
transferred_once = Rule(
    "transferred_once", "17", "convention",
    "该线索已经移交。", "The clue has been transferred already.",
    lambda transferred: not transferred,
)  # fmt: skip
transfer_not_before_decision = Rule(
    "transfer_not_before_decision", "17", "convention",
    "移交日期不得早于决定日期。", "A transfer cannot come before its decision.",
    not_before,
)  # fmt: skip
receipt_once = Rule(
    "receipt_once", "17", "convention",
    "该移交已经签收。", "Receipt of this transfer is on record already.",
    lambda received: not received,
)  # fmt: skip
receipt_not_before_transfer = Rule(
    "receipt_not_before_transfer", "17", "convention",
    "签收日期不得早于移交日期。", "Receipt cannot come before the transfer.",
    not_before,
)  # fmt: skip
received_before_answered = Rule(
    "received_before_answered", "17", "text",
    "须先签收移交，再反馈办理情况。", "A transfer is received first, and then answered.",
    lambda received: received,
)  # fmt: skip
answered_once = Rule(
    "answered_once", "17", "convention",
    "该移交的办理情况已经反馈。", "This transfer has been answered already.",
    lambda answered: not answered,
)  # fmt: skip
answer_not_before_receipt = Rule(
    "answer_not_before_receipt", "17", "convention",
    "反馈日期不得早于签收日期。", "An answer cannot come before receipt.",
    not_before,
)  # fmt: skip
handling_known = Rule(
    "handling_known", "17", "text",
    "办理意见须是谈话函询、初核、立案、组织处理或者现行规程另列的方式。",
    "The handling is inquiry by talk or letter, preliminary verification, filing a case, organisational handling, "
    "or another of the edition.",
    lambda handling, known: handling in known,
)  # fmt: skip
