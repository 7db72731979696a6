"""What a team does as a whole: its affairs meeting and its plan (Art. 7, 11(5))."""

from domain.kernel import Rule
from domain.rulebook.rules.asked import not_before

meeting_led_by_the_leader = Rule(
    "meeting_led_by_the_leader", "6(1)", "interpretation",
    "组务会由组长或者协助其工作的副组长主持。", "The team affairs meeting is led by the leader or the deputy leader.",
    lambda duty: duty in ("leader", "deputy_leader"),
)  # fmt: skip
meeting_discusses_something = Rule(
    "meeting_discusses_something", "7", "text",
    "组务会记录须写明研究讨论的事项。", "A meeting's record names what was discussed.",
    bool,
)  # fmt: skip
meeting_of_the_team = Rule(
    "meeting_of_the_team", "7", "convention",
    "组务会由本组有有效授权、且未对所议单位回避的人员参加；议及来源和线索的，须已对该单位作出回避声明。",
    "Those at the meeting have a live mandate in the team and are not recused from a unit it discusses; where it "
    "speaks of what came in there, they have declared themselves and have a mandate for that unit.",
    lambda attendees, team: bool(attendees) and set(attendees) <= set(team),
)  # fmt: skip
there_or_not_there = Rule(
    "there_or_not_there", "7", "convention",
    "同一人不得既列为到会又列为缺席。", "Nobody is both present and absent.",
    lambda there, not_there: not set(there) & set(not_there),
)  # fmt: skip
meeting_item_known = Rule(
    "meeting_item_known", "7", "text",
    "研究讨论的事项不是现行规程所列。", "The item is not one of those the edition lists for the team affairs meeting.",
    lambda kind, known: kind in known,
)  # fmt: skip
meeting_leader_attends = Rule(
    "meeting_leader_attends", "7", "convention",
    "主持组务会的人须列为到会。", "Whoever leads the meeting is among those present.",
    lambda doer, attendees: doer in attendees,
)  # fmt: skip
absentees_of_the_team = Rule(
    "absentees_of_the_team", "7", "convention",
    "列为缺席的须是本组有有效授权的人员。", "Those named as absent have a live mandate in the team.",
    lambda absentees, team: set(absentees) <= set(team),
)  # fmt: skip
team_plan_of_the_leader = Rule(
    "team_plan_of_the_leader", "6(1), 11(5)", "interpretation",
    "巡查工作计划由组长报巡查办备案。", "The team's plan is filed with the office by the leader.",
    lambda duty: duty == "leader",
)  # fmt: skip
team_plan_names_own_units_once = Rule(
    "team_plan_names_own_units_once", "11(5)", "text",
    "巡查工作计划须写明本组被巡查单位的进驻时间，每个单位一次。",
    "The plan gives the day of entry for units of the team, each once.",
    lambda planned, own: bool(planned) and len(set(planned)) == len(planned) and set(planned) <= set(own),
)  # fmt: skip
team_plan_before_entry = Rule(
    "team_plan_before_entry", "11(5)", "convention",
    "计划的进驻日期不得早于备案日期。", "A planned entry cannot come before the plan is filed.",
    not_before,
)  # fmt: skip
