"""Openness: what is made public, approved first (Art. 21)."""

from domain.kernel import Rule
from domain.rulebook.rules.asked import not_before, one_of

public_after_it_happened = Rule(
    "public_after_it_happened", "21", "text",
    "公开的事项须已经发生：进驻、收到反馈意见、报送整改情况报告之后，方可拟公开。",
    "What is made public has happened: entry, receipt of the feedback, the report on rectification.",
    lambda happened_on, proposed_on: happened_on is not None and happened_on <= proposed_on,
)  # fmt: skip
publication_decided_by_who_may = Rule(
    "publication_decided_by_who_may", "21", "convention",
    "公开的内容须由现行规程规定的机关审定。", "What is made public is approved by the body the edition names.",
    one_of,
)  # fmt: skip
publication_awaits_decision = Rule(
    "publication_awaits_decision", "21", "convention",
    "没有待审定的公开内容。", "There is no text awaiting approval.",
    lambda awaiting: awaiting,
)  # fmt: skip
public_text_is_redacted = Rule(
    "public_text_is_redacted", "21", "convention",
    "公开的内容须经脱敏：不得显示来源，不得显示不应公开的内容。",
    "What is made public is redacted: it shows no source and nothing that is not for the public.",
    lambda approved, redacted: not approved or bool(redacted),
)  # fmt: skip
publication_turned_down_with_a_reason = Rule(
    "publication_turned_down_with_a_reason", "21", "convention",
    "不同意公开的，须写明理由。", "Turning a text down needs a reason.",
    lambda approved, reason_given: bool(approved) or reason_given,
)  # fmt: skip
publication_decided_not_before_proposed = Rule(
    "publication_decided_not_before_proposed", "21", "convention",
    "审定日期不得早于拟稿日期。", "The decision cannot come before the proposal.",
    not_before,
)  # fmt: skip
public_after_approval = Rule(
    "public_after_approval", "21", "convention",
    "公开的内容须先经审定同意。", "Only an approved text is made public.",
    lambda approved: approved,
)  # fmt: skip
made_public_once = Rule(
    "made_public_once", "21", "convention",
    "该内容已经公开。", "This text has been made public already.",
    lambda public: not public,
)  # fmt: skip
public_not_before_approval = Rule(
    "public_not_before_approval", "21", "convention",
    "公开日期不得早于审定日期。", "Nothing is made public before it was approved.",
    not_before,
)  # fmt: skip
