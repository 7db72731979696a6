"""Deliveries and their receipt (Art. 11(4), 11(5), 12(12), 18, 20, 22, 29)."""

from domain.kernel import Rule
from domain.rulebook.rules.asked import not_before, one_of

delivery_made_by_who_may = Rule(
    "delivery_made_by_who_may", "11(4), 11(5), 12(12), 18, 20, 22, 29", "text",
    "此种事由的送达须由现行规程规定的一方作出。", "A delivery on this occasion is made by those the edition names.",
    one_of,
)  # fmt: skip
delivery_names_its_recipients = Rule(
    "delivery_names_its_recipients", "11(4), 11(5), 12(12), 18, 20, 22, 29", "convention",
    "送达须写明收件人，每人一次。", "A delivery names its recipients, each once.",
    lambda recipients: bool(recipients) and len(set(recipients)) == len(recipients),
)  # fmt: skip
recipients_fit_the_occasion = Rule(
    "recipients_fit_the_occasion", "11(4), 11(5), 12(12), 18, 20, 22, 29", "convention",
    "收件人须当日在此种事由所送的机构任职，或者在该巡查组有有效授权且未回避。",
    "Recipients are those this occasion names: with a post there on that day, or a live mandate in the team and not "
    "recused.",
    lambda recipients, fitting: set(recipients) <= set(fitting),
)  # fmt: skip
delivery_names_its_body = Rule(
    "delivery_names_its_body", "11(4), 11(5), 12(12), 22, 29", "convention",
    "此种事由的送达须写明所送的巡查组或者所送的单位，且单位类别相符。",
    "A delivery on this occasion names the team, or the organ of a fitting class, that it goes to.",
    bool,
)  # fmt: skip
delivery_past_the_unit_concerned = Rule(
    "delivery_past_the_unit_concerned", "11(4), 11(5), 12(12), 18, 29", "convention",
    "关于被巡查单位的送达不得送给在该单位任职的人员。",
    "What is told about an inspected unit does not go to those who hold a post there.",
    lambda recipients, of_the_unit: not set(recipients) & set(of_the_unit),
)  # fmt: skip
delivery_about_what_may_be_told = Rule(
    "delivery_about_what_may_be_told", "13", "convention",
    "送达所关事项只能是单位或者对单位的巡查。", "A delivery is about a body or the inspection of a unit, nothing else.",
    lambda about, kinds: about is None or about in kinds,
)  # fmt: skip
answer_names_its_inquiry = Rule(
    "answer_names_its_inquiry", "11(5), 12(12)", "interpretation",
    "答复须写明所答复的了解或者协助事项。", "An answer names the inquiry, or request for assistance, it answers.",
    lambda answers, asked: answers is None or answers == asked,
)  # fmt: skip
reply_not_before_what_it_replies_to = Rule(
    "reply_not_before_what_it_replies_to", "11(5), 12(12)", "convention",
    "答复日期不得早于所答复的送达日期。", "A reply cannot come before what it replies to.",
    not_before,
)  # fmt: skip
delivery_received_once = Rule(
    "delivery_received_once", "11(4), 11(5), 12(12), 18, 20, 22, 29", "convention",
    "本人已经签收。", "This recipient has acknowledged receipt already.",
    lambda received: not received,
)  # fmt: skip
delivery_received_not_before_made = Rule(
    "delivery_received_not_before_made", "11(4), 11(5), 12(12), 18, 20, 22, 29", "convention",
    "签收日期不得早于送达日期。", "Receipt cannot come before the delivery.",
    not_before,
)  # fmt: skip
service_of_what_was_not_acknowledged = Rule(
    "service_of_what_was_not_acknowledged", "11(4), 11(5), 11(6), 12(12), 18, 20, 22, 29", "convention",
    "没有尚未签收、也未记录送达的收件人。",
    "Nobody is left who has not acknowledged and for whom service is not recorded.",
    bool,
)  # fmt: skip
service_recorded_after_the_period = Rule(
    "service_recorded_after_the_period", "11(4), 11(5), 11(6), 12(12), 18, 20, 22, 29", "convention",
    "等候签收的期限届满之后，才能记录送达。", "Service is recorded only after the period for receipt is over.",
    lambda last_day, recorded_on: last_day is None or last_day < recorded_on,
)  # fmt: skip
