"""What the regulation demands, as sentences that can be asked. A refused user reads the sentence.

Every rule stands beside its article; `support` says whether the text bears it, an interpretation, or our own
convention (docs/promises.md). Numbers and approvers are not here but in the edition.
"""

from collections.abc import Iterable
from datetime import date

from domain.kernel import Rule


def _not_before(earlier: date | None, later: date | None) -> bool:
    """A date may be unknown; known dates must not contradict each other."""
    return earlier is None or later is None or earlier <= later


def _one_of(held: Iterable[object], needed: Iterable[object]) -> bool:
    """One of these is enough."""
    return bool(set(held) & set(needed))


# --- persons, posts and bodies ----------------------------------------------------------------------------------------

holds_the_post = Rule(
    "holds_the_post", "3", "text",
    "当日未担任可以作出此行为的职务。", "The post that may do this was not held on that day.",
    _one_of,
)  # fmt: skip
appointment_ends_after_it_begins = Rule(
    "appointment_ends_after_it_begins", "3", "convention",
    "任职终止日不得早于任职起始日。", "An appointment cannot end before it begins.",
    _not_before,
)  # fmt: skip
authority_entered_by_the_director = Rule(
    "authority_entered_by_the_director", "4(5)", "convention",
    "登录身份和任职由巡查办主任、副主任登记。",
    "Sign-ins and posts are entered by the office's director or deputy director.",
    _one_of,
)  # fmt: skip
post_fits_the_body = Rule(
    "post_fits_the_body", "3", "text",
    "该职务不属于这一机构。", "This post does not belong to this kind of body.",
    lambda fits: fits,
)  # fmt: skip
sign_in_of_one_person = Rule(
    "sign_in_of_one_person", "4(5)", "convention",
    "该登录身份已归属另一人。", "This sign-in belongs to another person already.",
    lambda free: free,
)  # fmt: skip
unit_within_scope = Rule(
    "unit_within_scope", "8", "text",
    "该单位不在巡查对象范围内：须登记单位类别；其他单位须注明市委或领导小组的决定。",
    "The unit is not within the scope of inspection: register its category; other bodies need a cited decision.",
    lambda category, decision_cited: category is not None and (category != "other_by_decision" or decision_cited),
)  # fmt: skip

# --- plan, teams, mandates --------------------------------------------------------------------------------------------

plan_approved_first = Rule(
    "plan_approved_first", "11(1)", "text",
    "巡查工作方案尚未经领导小组批准，其后工作不得开展。",
    "The work plan has not been approved by the leading group; nothing follows before that.",
    lambda approved: approved,
)  # fmt: skip
plan_awaits_decision = Rule(
    "plan_awaits_decision", "11(1)", "text",
    "没有待批准的巡查工作方案。", "There is no work plan awaiting approval.",
    lambda awaiting: awaiting,
)  # fmt: skip
decided_on_the_plan_read = Rule(
    "decided_on_the_plan_read", "11(1)", "convention",
    "所审阅的方案已被新报的方案取代，请审阅新的方案。",
    "The plan that was read has been replaced by a newer one: read that first.",
    lambda read, pending: read is None or read == pending,
)  # fmt: skip
plan_not_yet_approved = Rule(
    "plan_not_yet_approved", "11(1)", "text",
    "巡查工作方案已经批准，不得再次报批。", "The work plan is approved already and is not submitted again.",
    lambda approved: not approved,
)  # fmt: skip
plan_period_runs_forward = Rule(
    "plan_period_runs_forward", "11(1)", "convention",
    "结束日期不得早于开始日期。", "A period cannot end before it begins.",
    _not_before,
)  # fmt: skip
special_form_names_focus = Rule(
    "special_form_names_focus", "10", "text",
    "专项巡查须写明重点（人、事、问题或整改情况）。",
    "A special inspection names its focus: person, matter, problem or rectification.",
    lambda form, focus: form != "special" or focus is not None,
)  # fmt: skip
form_rests_on_decision = Rule(
    "form_rests_on_decision", "10", "text",
    "此种巡查形式须注明市委或领导小组的决定。",
    "This form of inspection cites the decision of the party committee or the leading group it rests on.",
    lambda form, by_decision, decision_cited: form not in by_decision or decision_cited,
)  # fmt: skip
plan_names_each_unit_once = Rule(
    "plan_names_each_unit_once", "11(1)", "text",
    "方案须列明被巡查单位，且每个单位只列一次。", "The plan lists the units, each of them once.",
    lambda units: bool(units) and len(set(units)) == len(units),
)  # fmt: skip
team_formed_after_approval = Rule(
    "team_formed_after_approval", "11(2)", "convention",
    "组建巡查组的决定不得早于方案批准日期。", "A team is not formed before the plan is approved.",
    _not_before,
)  # fmt: skip
units_in_the_plan = Rule(
    "units_in_the_plan", "11(1)", "text",
    "所列单位不在已批准的方案内。", "A unit is named that is not in the approved plan.",
    lambda units, planned: set(units) <= set(planned),
)  # fmt: skip
one_team_for_each_unit = Rule(
    "one_team_for_each_unit", "11(2)", "convention",
    "该单位已分派给本轮另一巡查组。", "The unit is assigned to another team of this round already.",
    lambda units, assigned: not set(units) & set(assigned),
)  # fmt: skip
mandate_for_the_teams_units = Rule(
    "mandate_for_the_teams_units", "5", "text",
    "授权所列单位不属于该巡查组。", "The mandate names a unit that is not this team's.",
    lambda units, teams_units: bool(units) and set(units) <= set(teams_units),
)  # fmt: skip
one_leader_for_each_team = Rule(
    "one_leader_for_each_team", "5", "text",
    "巡查组已有在任组长；更换须先终止原授权。",
    "The team has a leader; to replace the leader, end the present mandate first.",
    lambda duty, leaders: duty != "leader" or not leaders,
)  # fmt: skip
one_registrar_for_each_team = Rule(
    "one_registrar_for_each_team", "13", "text",
    "巡查组已指定专人登记信访；更换须先终止原授权。",
    "The team has its named registrar; to replace the registrar, end the present mandate first.",
    lambda duty, registrars: duty != "registrar" or not registrars,
)  # fmt: skip
mandate_ends_after_it_begins = Rule(
    "mandate_ends_after_it_begins", "5", "convention",
    "授权终止日不得早于起始日。", "A mandate cannot end before it begins.",
    _not_before,
)  # fmt: skip
mandate_not_before_decision = Rule(
    "mandate_not_before_decision", "5", "convention",
    "授权起始日不得早于作出授权决定之日。", "A mandate does not begin before it was decided.",
    _not_before,
)  # fmt: skip
leader_moved_to_non_leading_post = Rule(
    "leader_moved_to_non_leading_post", "5", "text",
    "组长原则上由改任非领导职务的干部担任；不是的，须写明理由。",
    "The leader is in principle a cadre moved to a non-leading post; where not, a written reason is needed.",
    lambda duty, moved, reason_given: duty != "leader" or moved or reason_given,
)  # fmt: skip
plan_decided_by_who_may = Rule(
    "plan_decided_by_who_may", "11(1)", "text",
    "巡查工作方案由现行规程规定的机关批准。", "The work plan is decided on by the body the edition names.",
    _one_of,
)  # fmt: skip
team_formed_by_who_may = Rule(
    "team_formed_by_who_may", "3(2)", "text",
    "巡查组由现行规程规定的机关组建。", "A team is formed by the body the edition names.",
    _one_of,
)  # fmt: skip
granted_by_who_may = Rule(
    "granted_by_who_may", "5", "text",
    "授权须由有权决定者作出。", "A mandate is granted by those who may grant it.",
    _one_of,
)  # fmt: skip
mandate_live = Rule(
    "mandate_live", "5", "text",
    "没有覆盖此人、此单位、此权限、此时的有效授权（一次一授权）。",
    "No live mandate covers this person, unit, power and moment (one authorisation for each task).",
    lambda live: live,
)  # fmt: skip
within_the_power = Rule(
    "within_the_power", "5", "convention",
    "该权限此时尚未生效或已经结束：进驻权限自进驻至该单位巡查结束。",
    "This power has not begun or has ended: on-site power lasts from entry to the end of inspection at the unit.",
    lambda live: live,
)  # fmt: skip

# --- recusal ----------------------------------------------------------------------------------------------------------

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
    _one_of,
)  # fmt: skip
nobody_decides_their_own_recusal = Rule(
    "nobody_decides_their_own_recusal", "23", "convention",
    "不得决定本人的回避。", "Nobody decides on their own recusal.",
    lambda decider, person: decider != person,
)  # fmt: skip
recusal_decision_not_before_declaration = Rule(
    "recusal_decision_not_before_declaration", "23", "convention",
    "决定日期不得早于声明日期。", "The decision cannot come before the declaration.",
    _not_before,
)  # fmt: skip

# --- notice, entry, end -----------------------------------------------------------------------------------------------

notice_once = Rule(
    "notice_once", "11(6)", "convention",
    "《巡查通知书》已经下达。", "The notice has been served already.",
    lambda served: not served,
)  # fmt: skip
led_by_the_leader = Rule(
    "led_by_the_leader", "6(1)", "interpretation",
    "下达通知、进驻、结束巡查，由组长或者协助其工作的副组长办理。",
    "Notice, entry and end are acts of the leader, or of the deputy leader who assists.",
    lambda duty: duty in ("leader", "deputy_leader"),
)  # fmt: skip
delivered_to_named_persons = Rule(
    "delivered_to_named_persons", "11(6), 17", "convention",
    "送达须写明收件人，每人一次；收件人须当日在该单位任职，且不是事项所涉之人。",
    "A delivery names its recipients, each once: persons with a post there on that day, and whom it does not concern.",
    lambda recipients, serving: (
        bool(recipients) and len(set(recipients)) == len(recipients) and set(recipients) <= set(serving)
    ),
)  # fmt: skip
delivered_in_writing = Rule(
    "delivered_in_writing", "11(6), 17", "interpretation",
    "通知书和移交材料须书面送达。", "A notice and what is transferred are delivered in writing.",
    lambda how: how != "oral",
)  # fmt: skip
notice_period_runs_forward = Rule(
    "notice_period_runs_forward", "11(6)", "convention",
    "通知书所列结束日期不得早于开始日期。", "The period a notice gives cannot end before it begins.",
    _not_before,
)  # fmt: skip
notice_before_receipt = Rule(
    "notice_before_receipt", "11(6)", "text",
    "没有待签收的《巡查通知书》。", "There is no notice awaiting receipt.",
    lambda served, received: served and not received,
)  # fmt: skip
receipt_not_before_service = Rule(
    "receipt_not_before_service", "11(6)", "convention",
    "签收日期不得早于下达日期。", "Receipt cannot come before service.",
    _not_before,
)  # fmt: skip
received_before_published = Rule(
    "received_before_published", "11(6)", "text",
    "须先签收《巡查通知书》，再公布通知内容。", "The notice is received first, and then published.",
    lambda received: received,
)  # fmt: skip
published_once = Rule(
    "published_once", "11(6)", "convention",
    "通知内容的公布情况已经反馈。", "The publication of the notice is on record already.",
    lambda published: not published,
)  # fmt: skip
publication_not_before_receipt = Rule(
    "publication_not_before_receipt", "11(6)", "convention",
    "公布日期不得早于签收日期。", "Publication cannot come before receipt.",
    _not_before,
)  # fmt: skip
entry_only_after_notice = Rule(
    "entry_only_after_notice", "11(6)", "text",
    "下达《巡查通知书》之前不得进驻。", "Entry comes only after the notice has been served.",
    lambda notice_on, entry_on: notice_on is not None and notice_on <= entry_on,
)  # fmt: skip
entry_once = Rule(
    "entry_once", "12", "convention",
    "该单位已经进驻。", "The unit has been entered already.",
    lambda entered: not entered,
)  # fmt: skip
end_only_after_entry = Rule(
    "end_only_after_entry", "12", "convention",
    "巡查结束须在进驻之后，且只能结束一次。", "An inspection ends after entry, and once.",
    lambda entered_on, ended, ends_on: entered_on is not None and not ended and entered_on <= ends_on,
)  # fmt: skip

# --- petitions --------------------------------------------------------------------------------------------------------

only_the_registrar = Rule(
    "only_the_registrar", "13", "text",
    "信访事项由巡查组指定的专人登记。", "Petitions are registered by the team's named registrar.",
    lambda duty: duty == "registrar",
)  # fmt: skip
only_the_leader = Rule(
    "only_the_leader", "6(3)", "text",
    "信访举报件由巡查组组长阅批，他人不得代行。", "Petitions are read and instructed on by the leader, nobody else.",
    lambda duty: duty == "leader",
)  # fmt: skip
petition_after_entry = Rule(
    "petition_after_entry", "13", "convention",
    "收到信访的日期不得早于进驻日期。", "A petition cannot be received before entry.",
    lambda entered_on, received_on: entered_on is not None and entered_on <= received_on,
)  # fmt: skip
instructed_once = Rule(
    "instructed_once", "13", "convention",
    "该信访件已经阅批并交此人承办；可以另行指定承办人。",
    "The petition is with this handler already; another may be named.",
    lambda instructed: not instructed,
)  # fmt: skip
instruction_not_before_receipt = Rule(
    "instruction_not_before_receipt", "13", "convention",
    "阅批日期不得早于收到日期。", "An instruction cannot come before the petition was received.",
    _not_before,
)  # fmt: skip
handler_of_the_same_team = Rule(
    "handler_of_the_same_team", "13", "text",
    "承办人须是对该单位有有效授权的本组人员。", "The handler must be of this team, with a live mandate for the unit.",
    lambda covers: covers,
)  # fmt: skip
instructed_before_handled = Rule(
    "instructed_before_handled", "13", "text",
    "信访件须先经组长阅批，再逐件处理。", "A petition is instructed on first, and then handled singly.",
    lambda instructed: instructed,
)  # fmt: skip
handled_once = Rule(
    "handled_once", "13", "text",
    "该信访件已经处理。", "The petition has been handled already.",
    lambda handled: not handled,
)  # fmt: skip
handled_by_its_handler = Rule(
    "handled_by_its_handler", "13", "convention",
    "由组长指定的承办人处理。", "It is handled by the person the leader named.",
    lambda doer, handler: doer == handler,
)  # fmt: skip
way_of_handling_known = Rule(
    "way_of_handling_known", "13", "text",
    "处理方式不是现行规程所列；执纪审查不属于巡查组职责。",
    "The way of handling is not one of the edition's; disciplinary review is never the team's.",
    lambda way, known: way in known,
)  # fmt: skip
late_petition_passed_on = Rule(
    "late_petition_passed_on", "13", "convention",
    "巡查结束后收到的信访件，登记后转有关单位，巡查组不再办理。",
    "A petition received after the end of the inspection is registered and passed on, and nothing else.",
    lambda late, way: not late or way == "passed_to_organ",
)  # fmt: skip
passed_on_to_a_named_organ = Rule(
    "passed_on_to_a_named_organ", "13", "convention",
    "转有关单位的，须写明转往哪一单位；未转的，不写。",
    "What is passed on names the organ it was passed to, and nothing else does.",
    lambda way, organ: (way == "passed_to_organ") == (organ is not None),
)  # fmt: skip
never_passed_to_the_unit = Rule(
    "never_passed_to_the_unit", "13", "convention",
    "信访件不得转给被反映的单位。", "A petition is never passed to the unit it concerns.",
    lambda organ, unit: organ is None or organ != unit,
)  # fmt: skip
a_clue_names_its_petition = Rule(
    "a_clue_names_its_petition", "13", "convention",
    "转为问题线索的，应当登记线索并注明信访件。",
    "A petition turned into a clue is handled by registering the clue that names it.",
    lambda way, clue: (way == "clue") == (clue is not None),
)  # fmt: skip
handling_not_before_instruction = Rule(
    "handling_not_before_instruction", "13", "convention",
    "处理日期不得早于阅批日期。", "Handling cannot come before the instruction.",
    _not_before,
)  # fmt: skip

# --- clues, disposal, transfer ----------------------------------------------------------------------------------------

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
    _not_before,
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
    _not_before,
)  # fmt: skip
proposal_after_report = Rule(
    "proposal_after_report", "17", "text",
    "线索上报巡查办之后，才能提出分类处置意见。", "A class of disposal is proposed after the clue has been reported.",
    lambda reported: reported,
)  # fmt: skip
proposal_not_before_report = Rule(
    "proposal_not_before_report", "17", "convention",
    "提出处置意见的日期不得早于上报日期。", "A proposal cannot come before the report.",
    _not_before,
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
    _not_before,
)  # fmt: skip
disposal_decided_by_who_may = Rule(
    "disposal_decided_by_who_may", "17", "text",
    "分类处置由现行规程规定的机关决定，由其主要负责人主持。",
    "Disposals are decided by the body the edition names, its head presiding.",
    _one_of,
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
    _not_before,
)  # fmt: skip
receipt_once = Rule(
    "receipt_once", "17", "convention",
    "该移交已经签收。", "Receipt of this transfer is on record already.",
    lambda received: not received,
)  # fmt: skip
receipt_not_before_transfer = Rule(
    "receipt_not_before_transfer", "17", "convention",
    "签收日期不得早于移交日期。", "Receipt cannot come before the transfer.",
    _not_before,
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
    _not_before,
)  # fmt: skip
handling_known = Rule(
    "handling_known", "17", "text",
    "办理意见须是谈话函询、初核、立案、组织处理或者现行规程另列的方式。",
    "The handling is inquiry by talk or letter, preliminary verification, filing a case, organisational handling, "
    "or another of the edition.",
    lambda handling, known: handling in known,
)  # fmt: skip

# --- keeping ----------------------------------------------------------------------------------------------------------

key_destruction_decided_by_who_may = Rule(
    "key_destruction_decided_by_who_may", "28", "convention",
    "销毁密钥须由现行规程规定的机关决定。", "The destruction of a key is decided by the body the edition names.",
    _one_of,
)  # fmt: skip
key_not_under_a_hold = Rule(
    "key_not_under_a_hold", "28", "convention",
    "事项尚未办结，或者有关移交尚未答复，密钥不得销毁。",
    "The matter is not closed, or a transfer of it not answered: its key is not destroyed.",
    lambda held: not held,
)  # fmt: skip

# --- paper and time ---------------------------------------------------------------------------------------------------

paper_has_reference = Rule(
    "paper_has_reference", "28", "convention",
    "代他人补录须由巡查办依纸质材料办理，并注明文号或者编号。",
    "Acts of others are entered by the office, from paper, with the paper's reference.",
    lambda same_person, is_office, has_paper: same_person or (is_office and has_paper),
)  # fmt: skip
not_in_the_future = Rule(
    "not_in_the_future", "28", "convention",
    "发生日期不得晚于登记当日。", "What is put on record cannot lie in the future.",
    lambda on, today: on is None or on <= today,
)  # fmt: skip


def all_rules() -> tuple[Rule, ...]:
    """Every rule, in the order of this page."""
    return tuple(value for value in globals().values() if isinstance(value, Rule))


def rule_named(name: str) -> Rule | None:
    """The rule with this stored name."""
    found = globals().get(name)
    return found if isinstance(found, Rule) else None
