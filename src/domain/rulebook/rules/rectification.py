"""Rectification: the two reports, the items, their checking (Art. 19, 20)."""

from domain.kernel import Rule
from domain.rulebook.rules.asked import not_before, one_of

heads_report_by_the_head = Rule(
    "heads_report_by_the_head", "19", "text",
    "组织落实情况报告由被巡查单位主要负责人本人签报。",
    "The report on how rectification was organised is signed by the head of the unit in person.",
    one_of,
)  # fmt: skip
delivered_to_the_office = Rule(
    "delivered_to_the_office", "19, 28", "convention",
    "报送须写明巡查办的收件人，每人一次；收件人须当日在巡查办任职。",
    "What goes to the office names its recipients, each once: persons who held a post there on that day.",
    lambda recipients, serving: (
        bool(recipients) and len(set(recipients)) == len(recipients) and set(recipients) <= set(serving)
    ),
)  # fmt: skip
reports_and_files_in_writing = Rule(
    "reports_and_files_in_writing", "19, 28", "interpretation",
    "整改报告和归档资料须书面报送。", "Reports on rectification, and files, are handed in in writing.",
    lambda how: how != "oral",
)  # fmt: skip
report_submitted_once_or_after_return = Rule(
    "report_submitted_once_or_after_return", "19", "convention",
    "该报告已经报送；退回之后方可再次报送。",
    "This report has been submitted; it is submitted again only after return.",
    lambda in_hand: not in_hand,
)  # fmt: skip
report_not_before_feedback = Rule(
    "report_not_before_feedback", "19", "text",
    "报送日期不得早于收到反馈意见的日期。", "A report cannot come before the feedback was received.",
    not_before,
)  # fmt: skip
resubmission_not_before_return = Rule(
    "resubmission_not_before_return", "19", "convention",
    "再次报送的日期不得早于退回日期。", "A report cannot be submitted again before it was returned.",
    not_before,
)  # fmt: skip
report_in_hand_before_return = Rule(
    "report_in_hand_before_return", "20", "convention",
    "没有可以退回的报告：尚未报送，或者已经退回。",
    "There is no report to return: it was not submitted, or returned already.",
    lambda in_hand: in_hand,
)  # fmt: skip
return_not_before_submission = Rule(
    "return_not_before_submission", "20", "convention",
    "退回日期不得早于报送日期。", "A report cannot be returned before it was submitted.",
    not_before,
)  # fmt: skip
responsible_of_the_unit = Rule(
    "responsible_of_the_unit", "19", "convention",
    "整改事项的责任人须当日在被巡查单位任职。", "Whoever answers for an item held a post in the unit on that day.",
    lambda person, serving: person in serving,
)  # fmt: skip
item_plan_not_before_feedback = Rule(
    "item_plan_not_before_feedback", "19", "text",
    "制定整改措施的日期不得早于收到反馈意见的日期。", "An item is not planned before the feedback was received.",
    not_before,
)  # fmt: skip
item_day_not_before_plan = Rule(
    "item_day_not_before_plan", "19", "convention",
    "整改时限不得早于制定整改措施的日期。", "The day an item is due cannot come before its plan.",
    not_before,
)  # fmt: skip
item_day_moved_by_approval_only = Rule(
    "item_day_moved_by_approval_only", "19", "convention",
    "整改时限只能提前；推后须说明理由，经批准延期。",
    "The day of an item is moved forward only; a later day needs a reason and approval.",
    lambda present, new: present is None or new <= present,
)  # fmt: skip
item_planned_first = Rule(
    "item_planned_first", "19", "convention",
    "须先制定该事项的整改措施、责任人和时限。",
    "An item is planned first: its measures, who answers for it, by which day.",
    lambda planned: planned,
)  # fmt: skip
accepted_item_is_closed = Rule(
    "accepted_item_is_closed", "20", "convention",
    "该事项已经完成并经认定，不再变更。", "The item is done and was accepted as done; nothing more is changed.",
    lambda closed: not closed,
)  # fmt: skip
item_update_not_before_plan = Rule(
    "item_update_not_before_plan", "19", "convention",
    "填报进展的日期不得早于制定整改措施的日期。", "Progress cannot come before the plan.",
    not_before,
)  # fmt: skip
one_extension_asked_at_a_time = Rule(
    "one_extension_asked_at_a_time", "19", "convention",
    "该事项的延期申请尚待决定。", "A later day has been asked for already and awaits a decision.",
    lambda asked: not asked,
)  # fmt: skip
extension_goes_to_a_later_day = Rule(
    "extension_goes_to_a_later_day", "19", "convention",
    "申请延期的日期须晚于现定时限。", "The day asked for is later than the present one.",
    lambda present, new: present is None or present < new,
)  # fmt: skip
extension_asked_not_before_plan = Rule(
    "extension_asked_not_before_plan", "19", "convention",
    "申请延期的日期不得早于制定整改措施的日期。", "A later day cannot be asked for before there is a plan.",
    not_before,
)  # fmt: skip
extension_awaits_decision = Rule(
    "extension_awaits_decision", "19", "convention",
    "没有待决定的延期申请。", "There is no later day awaiting a decision.",
    lambda awaiting: awaiting,
)  # fmt: skip
extension_decided_by_who_may = Rule(
    "extension_decided_by_who_may", "19", "convention",
    "单项整改延期须由现行规程规定的机关批准。", "A later day for an item is approved by the body the edition names.",
    one_of,
)  # fmt: skip
refused_extension_has_a_reason = Rule(
    "refused_extension_has_a_reason", "19", "convention",
    "不同意延期的，须写明理由。", "Refusing a later day needs a reason.",
    lambda granted, reason_given: bool(granted) or reason_given,
)  # fmt: skip
extension_decided_not_before_asked = Rule(
    "extension_decided_not_before_asked", "19", "convention",
    "决定日期不得早于申请日期。", "The decision cannot come before the asking.",
    not_before,
)  # fmt: skip
only_what_was_put_right_is_accepted = Rule(
    "only_what_was_put_right_is_accepted", "20", "convention",
    "只有填报为完成、基本完成或者长期坚持的事项，才能认定。",
    "Only an item that is said to be done, basically done or long-term is accepted.",
    lambda accepted, state: not accepted or state in ("done", "basically_done", "long_term"),
)  # fmt: skip
item_sent_back_with_a_reason = Rule(
    "item_sent_back_with_a_reason", "20", "convention",
    "不予认定的，须写明理由。", "Sending an item back needs a reason.",
    lambda accepted, reason_given: bool(accepted) or reason_given,
)  # fmt: skip
check_not_before_update = Rule(
    "check_not_before_update", "20", "convention",
    "核查日期不得早于单位填报进展的日期。", "A check cannot come before what it checks.",
    not_before,
)  # fmt: skip
earlier_problem_of_the_same_unit = Rule(
    "earlier_problem_of_the_same_unit", "20", "convention",
    "所关联的问题不属于同一单位。", "The earlier problem is not of the same unit.",
    lambda unit, earlier_unit: unit == earlier_unit,
)  # fmt: skip
earlier_problem_came_before = Rule(
    "earlier_problem_came_before", "20", "convention",
    "所关联的问题须是此前巡查反馈的问题。", "The earlier problem is one of feedback received before.",
    lambda earlier, later: earlier < later,
)  # fmt: skip
link_not_before_feedback = Rule(
    "link_not_before_feedback", "20", "convention",
    "关联日期不得早于收到反馈意见的日期。", "A link cannot come before the feedback was received.",
    not_before,
)  # fmt: skip
