"""Periodic reports, the end of a round, the file, closing (Art. 3, 28)."""

from domain.kernel import Rule
from domain.rulebook.rules.asked import not_before, one_of

reporter_named_by_the_leader = Rule(
    "reporter_named_by_the_leader", "28", "interpretation",
    "汇总报送专人由组长指定。", "The person who reports for the team is named by the leader.",
    lambda duty: duty == "leader",
)  # fmt: skip
reporter_of_the_team = Rule(
    "reporter_of_the_team", "28", "text",
    "汇总报送专人须是本组有有效授权的人员。", "The person who reports for the team has a live mandate in it.",
    lambda person, team: person in team,
)  # fmt: skip
reported_by_the_named_person = Rule(
    "reported_by_the_named_person", "28", "text",
    "定期报送由组长指定的专人办理。", "Periodic reports are made by the person named for them.",
    lambda doer, named: doer == named,
)  # fmt: skip
report_not_before_naming = Rule(
    "report_not_before_naming", "28", "convention",
    "报送日期不得早于指定专人的日期。", "A report cannot come before the person was named.",
    not_before,
)  # fmt: skip
rounds_work_ends_once = Rule(
    "rounds_work_ends_once", "28", "convention",
    "本轮巡查工作已经结束。", "The round's inspection work has ended already.",
    lambda ended: not ended,
)  # fmt: skip
every_inspection_ended = Rule(
    "every_inspection_ended", "28", "interpretation",
    "各组对各单位的巡查均已结束，本轮巡查工作方为结束。",
    "The round's work ends when every inspection of every team has ended.",
    lambda days, on: bool(days) and all(day is not None and day <= on for day in days),
)  # fmt: skip
file_handed_over_by_the_leader = Rule(
    "file_handed_over_by_the_leader", "28", "convention",
    "巡查工作资料由组长移交。", "The file is handed over by the leader.",
    lambda duty: duty == "leader",
)  # fmt: skip
file_after_the_rounds_work = Rule(
    "file_after_the_rounds_work", "28", "text",
    "本轮巡查工作结束之后，方可移交归档。", "The file is handed over after the round's inspection work has ended.",
    lambda owed: owed,
)  # fmt: skip
file_handed_over_once = Rule(
    "file_handed_over_once", "28", "convention",
    "本组资料已经移交。", "The team's file has been handed over already.",
    lambda handed_over: not handed_over,
)  # fmt: skip
file_lists_every_kind_once = Rule(
    "file_lists_every_kind_once", "28", "text",
    "归档清单须逐类列明（“其他”除外），每类只列一次。",
    "The file lists every kind of papers, “other” excepted, each of them once.",
    lambda listed, kinds: len(set(listed)) == len(listed) and set(kinds) - {"other"} <= set(listed) <= set(kinds),
)  # fmt: skip
missing_papers_are_explained = Rule(
    "missing_papers_are_explained", "28", "convention",
    "没有该类资料的，须写明原因。", "Where there are no papers of a kind, the reason is given.",
    lambda pieces, explained: pieces > 0 or explained,
)  # fmt: skip
file_not_before_the_end = Rule(
    "file_not_before_the_end", "28", "text",
    "移交日期不得早于本轮巡查工作结束之日。", "The file is not handed over before the round's work has ended.",
    not_before,
)  # fmt: skip
file_awaits_receipt = Rule(
    "file_awaits_receipt", "28", "convention",
    "没有待接收的资料。", "There is no file awaiting receipt.",
    lambda handed_over, received: handed_over and not received,
)  # fmt: skip
file_received_not_before_handover = Rule(
    "file_received_not_before_handover", "28", "convention",
    "接收日期不得早于移交日期。", "A file is not received before it was handed over.",
    not_before,
)  # fmt: skip
round_closed_by_who_may = Rule(
    "round_closed_by_who_may", "3", "convention",
    "本轮巡查办结须由现行规程规定的机关决定。", "A round is closed by the body the edition names.",
    one_of,
)  # fmt: skip
round_closed_once = Rule(
    "round_closed_once", "3", "convention",
    "本轮巡查已经办结。", "The round is closed already.",
    lambda closed: not closed,
)  # fmt: skip
closed_after_every_file = Rule(
    "closed_after_every_file", "28", "convention",
    "本轮巡查工作结束、各组资料均已接收之后，方可办结。",
    "A round is closed after its work has ended and every team's file was received.",
    lambda ended, received: ended and all(day is not None for day in received),
)  # fmt: skip
closed_after_every_rectification_report = Rule(
    "closed_after_every_rectification_report", "19", "convention",
    "各单位的两份整改报告均已报送且未被退回，方可办结。",
    "A round is closed after every unit's two reports on rectification are in hand.",
    lambda days: bool(days) and all(day is not None for day in days),
)  # fmt: skip
closed_not_before_what_it_closes = Rule(
    "closed_not_before_what_it_closes", "3", "convention",
    "办结日期不得早于所办结各事项的日期。", "A round is not closed before what it closes.",
    not_before,
)  # fmt: skip
