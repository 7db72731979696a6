"""What a team does as a whole: its affairs meeting (Art. 7)."""

from domain.kernel import Rule

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
    "组务会由本组有有效授权、且未对所议单位回避的人员参加。",
    "Those at the meeting have a live mandate in the team and are not recused from a unit it discusses.",
    lambda attendees, team: bool(attendees) and set(attendees) <= set(team),
)  # fmt: skip
there_or_not_there = Rule(
    "there_or_not_there", "7", "convention",
    "同一人不得既列为到会又列为缺席。", "Nobody is both present and absent.",
    lambda there, not_there: not set(there) & set(not_there),
)  # fmt: skip
