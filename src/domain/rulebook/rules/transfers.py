"""Transfers: made, received or recorded as served, chased, returned or answered (Art. 15, 17)."""

from domain.kernel import Rule
from domain.rulebook.rules.asked import not_before

transfer_after_decision = Rule(
    "transfer_after_decision", "15, 17", "text",
    "领导小组作出分类处置决定后，或者巡查期间移交经批准后，才能移交。",
    "Transfer follows the leading group's decision, or during the inspection the approval.",
    lambda decided: decided,
)  # fmt: skip
transferred_once = Rule(
    "transferred_once", "15, 17", "convention",
    "该事项已经移交。", "The item has been transferred already.",
    lambda transferred: not transferred,
)  # fmt: skip
transfer_not_before_decision = Rule(
    "transfer_not_before_decision", "15, 17", "convention",
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
    "须先签收移交（或者已记录送达），再反馈办理情况。",
    "A transfer is received first, or its service recorded, and then answered.",
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
service_recorded_without_receipt = Rule(
    "service_recorded_without_receipt", "17", "convention",
    "已经签收或者已经记录送达的，不再记录送达。", "Service is recorded once, and only where there is no receipt.",
    lambda received_or_served: not received_or_served,
)  # fmt: skip
transfer_served_after_the_period = Rule(
    "transfer_served_after_the_period", "17", "convention",
    "现行规程规定的签收期限届满后，才能记录送达。",
    "Service is recorded once the edition's period for a receipt is over.",
    lambda due, recorded_on: due is not None and due < recorded_on,
)  # fmt: skip
transfer_not_returned = Rule(
    "transfer_not_returned", "17", "convention",
    "该移交已经退回。", "This transfer has been returned.",
    lambda returned: not returned,
)  # fmt: skip
returned_before_answered = Rule(
    "returned_before_answered", "17", "convention",
    "已经反馈办理情况的，不得退回。", "What has been answered is not returned.",
    lambda answered: not answered,
)  # fmt: skip
return_not_before_transfer = Rule(
    "return_not_before_transfer", "17", "convention",
    "退回日期不得早于移交、签收日期。", "A return cannot come before the transfer, nor before its receipt.",
    not_before,
)  # fmt: skip
urged_until_answered = Rule(
    "urged_until_answered", "17", "convention",
    "已经反馈办理情况的，不再督办。", "What has been answered is not urged.",
    lambda answered: not answered,
)  # fmt: skip
urged_not_before_transfer = Rule(
    "urged_not_before_transfer", "17", "convention",
    "督办日期不得早于移交日期。", "Urging cannot come before the transfer.",
    not_before,
)  # fmt: skip
