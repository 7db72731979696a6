"""Handling suggestions to the unit during the inspection (Art. 6(3), 15)."""

from domain.kernel import Rule
from domain.rulebook.rules.asked import not_before, one_of, while_inspecting

suggestion_signed_by_the_leader = Rule(
    "suggestion_signed_by_the_leader", "6(3)", "interpretation",
    "处理建议由组长签批提出，他人不得代行。",
    "A handling suggestion is signed off and put forward by the leader, nobody else.",
    lambda duty: duty == "leader",
)  # fmt: skip
suggestion_during_the_inspection = Rule(
    "suggestion_during_the_inspection", "15", "text",
    "处理建议限于巡查期间。", "A handling suggestion belongs to the time of the inspection.",
    while_inspecting,
)  # fmt: skip
suggestion_decided_by_who_may = Rule(
    "suggestion_decided_by_who_may", "15", "text",
    "处理建议由现行规程规定的机关批准，由其负责人作出。",
    "A handling suggestion is approved by the body the edition names, through those who speak for it.",
    one_of,
)  # fmt: skip
suggestion_decided_once = Rule(
    "suggestion_decided_once", "15", "convention",
    "该处理建议已经批复。", "The handling suggestion has been decided on already.",
    lambda decided: not decided,
)  # fmt: skip
suggestion_declined_with_a_reason = Rule(
    "suggestion_declined_with_a_reason", "15", "convention",
    "不予批准的，须书面说明理由。", "Approval is withheld with a written reason.",
    lambda approved, reason: approved or reason,
)  # fmt: skip
suggestion_decision_not_before_proposal = Rule(
    "suggestion_decision_not_before_proposal", "15", "convention",
    "批复日期不得早于报批日期。", "A decision cannot come before the suggestion was put up for approval.",
    not_before,
)  # fmt: skip
suggestion_after_approval = Rule(
    "suggestion_after_approval", "15", "text",
    "处理建议经批准后，才能向被巡查单位提出。", "A handling suggestion goes to the unit after it was approved.",
    lambda approved: approved,
)  # fmt: skip
suggestion_not_before_approval = Rule(
    "suggestion_not_before_approval", "15", "convention",
    "提出日期不得早于批准日期。", "A handling suggestion cannot be made before its approval.",
    not_before,
)  # fmt: skip
suggestion_made_once = Rule(
    "suggestion_made_once", "15", "convention",
    "该处理建议已经向被巡查单位提出。", "The handling suggestion has been made to the unit already.",
    lambda made: not made,
)  # fmt: skip
suggestion_made_before_answered = Rule(
    "suggestion_made_before_answered", "15", "convention",
    "处理建议提出之后才能答复。", "A handling suggestion is made first, and then answered.",
    lambda made: made,
)  # fmt: skip
suggestion_answered_once = Rule(
    "suggestion_answered_once", "15", "convention",
    "该处理建议已经答复。", "The handling suggestion has been answered already.",
    lambda answered: not answered,
)  # fmt: skip
suggestion_answer_not_before_making = Rule(
    "suggestion_answer_not_before_making", "15", "convention",
    "答复日期不得早于提出日期。", "An answer cannot come before the suggestion was made.",
    not_before,
)  # fmt: skip
