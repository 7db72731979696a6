"""The inspection report: its drafts, what makes it full and true, who signs it, how it reaches the office
(Art. 6, 7, 14, 16)."""

from domain.kernel import Rule
from domain.rulebook.rules.asked import not_before

inspection_report_submitted_once = Rule(
    "inspection_report_submitted_once", "16", "convention",
    "巡查报告已经报送，不再改动；更正另作补充。",
    "The inspection report has been submitted and no longer changes; a correction is a supplement.",
    lambda submitted: not submitted,
)  # fmt: skip
draft_not_before_the_last = Rule(
    "draft_not_before_the_last", "16", "convention",
    "报告稿的日期不得早于上一稿。", "A draft cannot come before the draft before it.",
    not_before,
)  # fmt: skip
kept_problem_of_an_earlier_draft = Rule(
    "kept_problem_of_an_earlier_draft", "16", "convention",
    "沿用的问题编号须出自以前的报告稿，且每个问题只写一次。",
    "A problem that is kept stands in an earlier draft, and each problem is stated once.",
    lambda kept, earlier: len(set(kept)) == len(kept) and set(kept) <= set(earlier),
)  # fmt: skip
clue_attached_or_left_out = Rule(
    "clue_attached_or_left_out", "16", "convention",
    "每条线索只列一次：或者作为附件，或者说明未列入的理由。",
    "Each clue stands once: attached, or left out with a reason.",
    lambda attached, left_out: len({*attached, *left_out}) == len(attached) + len(left_out),
)  # fmt: skip
nothing_restricted_in_the_report = Rule(
    "nothing_restricted_in_the_report", "14", "convention",
    "直接报告且未解除限制的线索，不得列入巡查报告，也不得在报告中提及。",
    "A clue reported directly is neither attached to the report nor named in it until it is released.",
    lambda named, restricted: not set(named) & set(restricted),
)  # fmt: skip
signer_not_concerned_by_the_report = Rule(
    "signer_not_concerned_by_the_report", "23", "convention",
    "反映组长本人的线索，不列入由该组长签批的报告。",
    "A clue that concerns the leader does not go into the report this leader signs.",
    lambda concerned, leaders: not set(concerned) & set(leaders),
)  # fmt: skip
signed_by_the_leader = Rule(
    "signed_by_the_leader", "6(3)", "text",
    "巡查工作报告、反馈材料由巡查组组长签批，他人不得代行。",
    "The inspection report and feedback material are signed off by the leader, nobody else.",
    lambda duty: duty == "leader",
)  # fmt: skip
last_draft_signed = Rule(
    "last_draft_signed", "6(3)", "convention",
    "签批的须是最后一稿。", "What is signed off is the last draft.",
    lambda draft, last: draft == last,
)  # fmt: skip
draft_signed_once = Rule(
    "draft_signed_once", "6(3)", "convention",
    "该稿已经签批。", "This draft has been signed off already.",
    lambda draft, signed: draft != signed,
)  # fmt: skip
report_signed_after_the_end = Rule(
    "report_signed_after_the_end", "16", "text",
    "巡查工作结束后，才能签批巡查报告。", "The report is signed off after the end of the inspection.",
    lambda ended_on, signed_on: ended_on is not None and ended_on <= signed_on,
)  # fmt: skip
signature_not_before_draft = Rule(
    "signature_not_before_draft", "6(3)", "convention",
    "签批日期不得早于该稿日期。", "A signature cannot come before the draft.",
    not_before,
)  # fmt: skip
report_discussed_first = Rule(
    "report_discussed_first", "7(3)", "text",
    "巡查报告须先经组务会研究讨论。", "The team affairs meeting discusses the inspection report first.",
    lambda discussed: discussed,
)  # fmt: skip
report_full_and_true = Rule(
    "report_full_and_true", "16", "text",
    "巡查报告须指出问题、分析原因并提出意见建议；没有发现问题的，须说明理由。",
    "The report states problems, each with its causes and a suggestion; or that there are none, with a reason.",
    lambda problems, complete, none_stated: complete and bool(problems) != none_stated,
)  # fmt: skip
every_clue_attached_or_explained = Rule(
    "every_clue_attached_or_explained", "16", "convention",
    "本次巡查的每条线索，须作为附件列入报告，或者说明未列入的理由。",
    "Every clue of the inspection is attached to the report, or left out with a reason.",
    lambda listed, accounted: set(listed) <= set(accounted),
)  # fmt: skip
restricted_clues_explained_apart = Rule(
    "restricted_clues_explained_apart", "14", "convention",
    "直接报告的线索未列入报告的，须先在限制范围内说明理由。",
    "A clue reported directly is left out with a reason that is given first, inside the restriction.",
    lambda explained: explained,
)  # fmt: skip
only_restricted_clues_explained_apart = Rule(
    "only_restricted_clues_explained_apart", "14", "convention",
    "该线索不是直接报告的线索，或者已经解除限制；未列入的理由写在报告内。",
    "This clue is not reported directly, or it was released: the reason for leaving it out stands in the report.",
    lambda restricted: restricted,
)  # fmt: skip
omission_not_before_knowledge = Rule(
    "omission_not_before_knowledge", "14", "convention",
    "说明理由的日期不得早于首次知悉日期。", "A reason for leaving a clue out cannot come before first knowledge.",
    not_before,
)  # fmt: skip
signed_before_submitted = Rule(
    "signed_before_submitted", "16", "text",
    "巡查报告最后一稿经组长签批后，才能报送巡查办。",
    "The last draft is signed off by the leader before it goes to the office.",
    lambda signed, last: signed is not None and signed == last,
)  # fmt: skip
submission_not_before_signature = Rule(
    "submission_not_before_signature", "16", "convention",
    "报送日期不得早于签批日期。", "The report cannot be submitted before it was signed off.",
    not_before,
)  # fmt: skip
attached_clues_reported_first = Rule(
    "attached_clues_reported_first", "16", "convention",
    "作为附件的线索须先上报巡查办，随报告报送的是上报的内容。",
    "An attached clue has been reported to the office; what was reported goes with the report.",
    lambda reported: reported,
)  # fmt: skip
supplement_after_submission = Rule(
    "supplement_after_submission", "16", "convention",
    "报送以后才有补充；报送以前另存一稿。",
    "There is a supplement after submission only; before, there is another draft.",
    lambda submitted: submitted,
)  # fmt: skip
supplement_not_before_submission = Rule(
    "supplement_not_before_submission", "16", "convention",
    "补充的日期不得早于报送日期。", "A supplement cannot come before submission.",
    not_before,
)  # fmt: skip
