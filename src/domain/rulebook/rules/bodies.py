"""Who may hold which post, and in which body (Art. 3, 4, 8)."""

from domain.kernel import Rule
from domain.rulebook.rules.asked import not_before, one_of

holds_the_post = Rule(
    "holds_the_post", "3", "text",
    "当日未担任可以作出此行为的职务。", "The post that may do this was not held on that day.",
    one_of,
)  # fmt: skip
appointment_ends_after_it_begins = Rule(
    "appointment_ends_after_it_begins", "3", "convention",
    "任职终止日不得早于任职起始日。", "An appointment cannot end before it begins.",
    not_before,
)  # fmt: skip
authority_entered_by_the_director = Rule(
    "authority_entered_by_the_director", "4(5)", "convention",
    "登录身份、任职以及依纸质材料补录的授权，由巡查办主任、副主任本人登记。",
    "Sign-ins, posts, and mandates from paper are entered by the office's director or deputy director in person.",
    one_of,
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
sign_in_unlinked_by_another = Rule(
    "sign_in_unlinked_by_another", "4(5)", "convention",
    "不得解除正在使用的登录身份，由另一名主任、副主任登记。",
    "The sign-in in use is not unlinked by itself: another director or deputy does it.",
    lambda another: another,
)  # fmt: skip
successor_of_the_same_kind = Rule(
    "successor_of_the_same_kind", "8", "interpretation",
    "承继单位须同为巡查对象；接收移交的机关，须由同类机关承继。巡查办、领导小组和市委不在此列。",
    "A unit is succeeded by a unit that can be inspected, an organ by one of its class; the office, the leading group"
    " and the city's committee by nobody.",
    lambda fits: fits,
)  # fmt: skip
succession_leads_forward = Rule(
    "succession_leads_forward", "8", "convention",
    "单位不得由自己或者其承继的单位承继。", "A body is not succeeded by itself, nor by one it succeeded.",
    lambda forward: forward,
)  # fmt: skip
unit_in_being = Rule(
    "unit_in_being", "8", "interpretation",
    "该单位已经撤并，请列入承继单位。", "The unit was merged or divided: name its successor.",
    lambda successors: not successors,
)  # fmt: skip
unit_within_scope = Rule(
    "unit_within_scope", "8", "text",
    "该单位不在巡查对象范围内：须登记单位类别；其他单位须注明市委或领导小组的决定。",
    "The unit is not within the scope of inspection: register its category; other bodies need a cited decision.",
    lambda category, decision_cited: category is not None and (category != "other_by_decision" or decision_cited),
)  # fmt: skip
a_director_remains = Rule(
    "a_director_remains", "4(5)", "convention",
    "终止主任、副主任的职务，须由此后仍在职的主任、副主任登记。",
    "The end of a director's or deputy's post is entered by one who stays in office beyond that day.",
    lambda remains: remains,
)  # fmt: skip
succeeded_once = Rule(
    "succeeded_once", "8", "convention",
    "该承继关系已经登记，日期、文号不同的不能再登记。",
    "This succession is on record already, with another day or decision.",
    lambda known: not known,
)  # fmt: skip
nobody_ends_their_own_post = Rule(
    "nobody_ends_their_own_post", "4(5)", "convention",
    "不得登记本人职务的终止，由另一名主任、副主任登记。",
    "Nobody enters the end of their own post: another director or deputy does.",
    lambda recorder, person: recorder != person,
)  # fmt: skip
