"""Feedback to the unit: proposed, approved, given, received (Art. 18, 19)."""

from domain.kernel import Rule
from domain.rulebook.rules.asked import not_before, one_of

feedback_rests_on_the_report = Rule(
    "feedback_rests_on_the_report", "18", "interpretation",
    "巡查报告报送之后，才能提出反馈意见。", "Feedback is proposed after the inspection report was submitted.",
    lambda submitted: submitted,
)  # fmt: skip
feedback_proposal_not_before_report = Rule(
    "feedback_proposal_not_before_report", "18", "convention",
    "提出反馈意见的日期不得早于报告报送日期。", "Feedback cannot be proposed before the report was submitted.",
    not_before,
)  # fmt: skip
one_feedback_at_a_time = Rule(
    "one_feedback_at_a_time", "18", "convention",
    "已有待批准或者已经批准的反馈意见。", "A feedback awaits approval, or has been approved, already.",
    lambda pending_or_approved: not pending_or_approved,
)  # fmt: skip
feedback_follows_the_report = Rule(
    "feedback_follows_the_report", "18", "text",
    "反馈须指出报告中的问题并有针对性地提出整改意见，每个问题一次；报告没有问题的，不列问题。",
    "Feedback points out problems of the report, each once, each with an opinion; none where the report has none.",
    lambda stated, reported: (
        len(set(stated)) == len(stated) and set(stated) <= set(reported) and bool(stated) == bool(reported)
    ),
)  # fmt: skip
feedback_decided_by_who_may = Rule(
    "feedback_decided_by_who_may", "18", "text",
    "反馈意见由现行规程规定的机关批准。", "Feedback is approved by the body the edition names.",
    one_of,
)  # fmt: skip
feedback_awaits_decision = Rule(
    "feedback_awaits_decision", "18", "text",
    "没有待批准的反馈意见。", "No feedback awaits approval.",
    lambda awaiting: awaiting,
)  # fmt: skip
feedback_decision_not_before_proposal = Rule(
    "feedback_decision_not_before_proposal", "18", "convention",
    "批准日期不得早于提出日期。", "A decision on feedback cannot come before its proposal.",
    not_before,
)  # fmt: skip
feedback_sent_back_with_a_reason = Rule(
    "feedback_sent_back_with_a_reason", "18", "convention",
    "不予批准的，须写明理由。", "Feedback that is not approved is sent back with a reason.",
    lambda approved, reason_given: bool(approved) or reason_given,
)  # fmt: skip
feedback_given_after_approval = Rule(
    "feedback_given_after_approval", "18", "text",
    "反馈须经批准，且只反馈一次。", "Feedback is given after approval, and once.",
    lambda approved, given: approved and not given,
)  # fmt: skip
feedback_not_before_approval = Rule(
    "feedback_not_before_approval", "18", "convention",
    "反馈日期不得早于批准日期。", "Feedback cannot be given before it was approved.",
    not_before,
)  # fmt: skip
feedback_to_the_leadership_body = Rule(
    "feedback_to_the_leadership_body", "18", "text",
    "反馈的对象是被巡查单位领导班子成员，每人一次，须包括主要负责人。",
    "Feedback goes to members of the unit's leadership body, each once, its head among them.",
    lambda recipients, body, heads: (
        len(set(recipients)) == len(recipients) and set(recipients) <= set(body) and bool(set(recipients) & set(heads))
    ),
)  # fmt: skip
feedback_awaits_receipt = Rule(
    "feedback_awaits_receipt", "19", "text",
    "没有待签收的反馈意见。", "There is no feedback awaiting receipt.",
    lambda given, received: given and not received,
)  # fmt: skip
feedback_received_for_the_unit = Rule(
    "feedback_received_for_the_unit", "18", "interpretation",
    "反馈意见由被巡查单位主要负责人或者联系人签收。", "Feedback is received by the unit's head, or by its contact.",
    one_of,
)  # fmt: skip
feedback_receipt_not_before_given = Rule(
    "feedback_receipt_not_before_given", "19", "convention",
    "签收日期不得早于反馈日期。", "Receipt cannot come before the feedback was given.",
    not_before,
)  # fmt: skip
feedback_service_after_its_period = Rule(
    "feedback_service_after_its_period", "19", "convention",
    "反馈之后，签收期限届满仍未签收的，巡查办才能记录送达。",
    "The office records service only when the period for receipt is over and nobody has acknowledged the feedback.",
    lambda last_day, recorded_on: last_day is not None and last_day < recorded_on,
)  # fmt: skip
