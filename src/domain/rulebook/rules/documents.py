"""Documents called for, and the unit's answer (Art. 12(6), 25(2))."""

from domain.kernel import Rule
from domain.rulebook.rules.asked import not_before

wanted_not_before_request = Rule(
    "wanted_not_before_request", "12(6)", "convention",
    "要求提供的日期不得早于提出日期。", "Documents cannot be wanted by a day before they are requested.",
    not_before,
)  # fmt: skip
documents_not_yet_given = Rule(
    "documents_not_yet_given", "12(6)", "convention",
    "所要求的材料已经全部提供。", "What was requested has been given in full already.",
    lambda given: not given,
)  # fmt: skip
document_answer_not_before_request = Rule(
    "document_answer_not_before_request", "12(6)", "convention",
    "答复日期不得早于提出日期或者上一次答复的日期。",
    "An answer cannot come before the request, nor before an earlier answer.",
    not_before,
)  # fmt: skip
not_given_for_a_stated_reason = Rule(
    "not_given_for_a_stated_reason", "25(2)", "convention",
    "未全部提供的，须书面说明理由。", "What is not given in full needs a written reason.",
    lambda outcome, reason: outcome == "given" or reason,
)  # fmt: skip
