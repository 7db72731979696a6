"""Disposal: the team is heard, a class proposed and decided; transfers during the inspection (Art. 3, 15, 17)."""

from domain.kernel import Rule
from domain.rulebook.rules.asked import not_before, one_of

team_heard_first = Rule(
    "team_heard_first", "17", "text",
    "巡查办须先听取巡查组汇报，再提出分类处置意见。", "The office hears the team before it proposes a disposal.",
    lambda heard_on, proposed_on: heard_on is not None and heard_on <= proposed_on,
)  # fmt: skip
heard_after_entry = Rule(
    "heard_after_entry", "17", "convention",
    "听取汇报的日期不得早于进驻日期。", "A team is not heard on a unit before it entered there.",
    lambda entered_on, heard_on: entered_on is not None and entered_on <= heard_on,
)  # fmt: skip
heard_from_the_team = Rule(
    "heard_from_the_team", "17", "interpretation",
    "听取汇报须有巡查组人员参加；参加人员须是该组有有效授权、未回避的人员或者巡查办人员。",
    "The team is heard from somebody of it; those attending have a live mandate in it and no recusal, or are of the "
    "office.",
    lambda attendees, team, office: (
        bool(set(attendees) & set(team)) and set(attendees) <= set(team) | set(office)
    ),
)  # fmt: skip
proposal_after_report = Rule(
    "proposal_after_report", "17", "text",
    "事项上报巡查办之后，才能提出分类处置意见。", "A class of disposal is proposed after the item has been reported.",
    lambda reported: reported,
)  # fmt: skip
proposal_not_before_report = Rule(
    "proposal_not_before_report", "17", "convention",
    "提出处置意见的日期不得早于上报日期。", "A proposal cannot come before the report.",
    not_before,
)  # fmt: skip
proposal_not_before_return = Rule(
    "proposal_not_before_return", "15, 17", "convention",
    "退回后重新提出的，日期不得早于退回日期。", "What was returned is proposed anew on the day of the return or later.",
    not_before,
)  # fmt: skip
one_proposal_at_a_time = Rule(
    "one_proposal_at_a_time", "15, 17", "convention",
    "已有待决定或者已决定的处置、移交意见。",
    "A proposal to dispose of it or to transfer it awaits decision, or has been decided, already.",
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
    "decision_not_before_proposal", "15, 17", "convention",
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
early_transfer_asked_by_the_leader = Rule(
    "early_transfer_asked_by_the_leader", "6(1), 15", "interpretation",
    "巡查期间移交由巡查组组长提出。", "A transfer during the inspection is asked for by the leader.",
    lambda duty: duty == "leader",
)  # fmt: skip
city_managed_never_transferred_early = Rule(
    "city_managed_never_transferred_early", "15", "text",
    "市管干部的问题线索不得在巡查期间移交，应当依照第十四条报告。",
    "A clue on a city-managed cadre is never transferred during the inspection: it is reported under Article 14.",
    lambda managed: managed != "city",
)  # fmt: skip
early_only_on_those_the_unit_manages = Rule(
    "early_only_on_those_the_unit_manages", "15", "text",
    "巡查期间移交，限于被巡查单位管理的干部的问题线索。",
    "During the inspection only clues on cadres managed by the unit are transferred.",
    lambda managed: managed == "unit",
)  # fmt: skip
never_sent_to_the_unit = Rule(
    "never_sent_to_the_unit", "3, 17", "convention",
    "与被巡查单位有关的事项，不得移交该单位。", "Nothing found in a unit goes to that unit.",
    lambda organ, unit: organ != unit,
)  # fmt: skip
early_route = Rule(
    "early_route", "15", "text",
    "巡查期间只能移交有关纪检监察组织或者政法机关。",
    "During the inspection a clue goes to discipline or political-legal organs only.",
    lambda organ_class, routes: organ_class in routes,
)  # fmt: skip
early_transfer_during_the_inspection = Rule(
    "early_transfer_during_the_inspection", "15", "text",
    "只能在巡查期间提出、批准和移交；巡查结束后，依照第十七条处置。",
    "It is asked for, approved and made during the inspection only; after its end Article 17 applies.",
    lambda ended_on, on: ended_on is None or on <= ended_on,
)  # fmt: skip
early_transfer_after_registration = Rule(
    "early_transfer_after_registration", "15", "convention",
    "提出移交的日期不得早于线索登记日期。", "A transfer cannot be asked for before the clue was registered.",
    not_before,
)  # fmt: skip
early_transfer_awaits_decision = Rule(
    "early_transfer_awaits_decision", "15", "text",
    "没有待批准的巡查期间移交。", "No transfer during the inspection awaits approval.",
    lambda awaiting: awaiting,
)  # fmt: skip
early_transfer_decided_by_who_may = Rule(
    "early_transfer_decided_by_who_may", "15", "text",
    "巡查期间移交由现行规程规定的机关批准。",
    "A transfer during the inspection is approved by the body the edition names.",
    one_of,
)  # fmt: skip
refusal_gives_its_reason = Rule(
    "refusal_gives_its_reason", "15", "convention",
    "不予批准的，须写明理由。", "What is not approved is answered with a reason.",
    lambda approved, has_reason: bool(approved) or has_reason,
)  # fmt: skip
