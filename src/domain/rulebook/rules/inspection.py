"""Notice, entry and end at one unit (Art. 6(1), 11(6), 12)."""

from domain.kernel import Rule
from domain.rulebook.rules.asked import not_before

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
    not_before,
)  # fmt: skip
notice_before_receipt = Rule(
    "notice_before_receipt", "11(6)", "text",
    "没有待签收的《巡查通知书》。", "There is no notice awaiting receipt.",
    lambda served, received: served and not received,
)  # fmt: skip
receipt_not_before_service = Rule(
    "receipt_not_before_service", "11(6)", "convention",
    "签收日期不得早于下达日期。", "Receipt cannot come before service.",
    not_before,
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
    not_before,
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
talked_before_notice = Rule(
    "talked_before_notice", "11(6)", "text",
    "须先与被巡查单位党委（党组）沟通，再下达《巡查通知书》。",
    "The talk with the unit's party organisation comes before the notice.",
    not_before,
)  # fmt: skip
announced_after_notice = Rule(
    "announced_after_notice", "11(7)", "convention",
    "下达《巡查通知书》之后才能发布巡查公告。", "The announcement is published after the notice has been served.",
    lambda notice_on, published_on: notice_on is not None and notice_on <= published_on,
)  # fmt: skip
announcement_closes_after_it_opens = Rule(
    "announcement_closes_after_it_opens", "11(7)", "convention",
    "公告的截止时间须晚于开始时间。", "What is announced closes after it opens.",
    lambda opens_at, closes_at: opens_at < closes_at,
)  # fmt: skip
