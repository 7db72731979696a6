"""In-depth inquiry: into what, after what (Art. 7(2), 13)."""

from domain.kernel import Rule
from domain.rulebook.rules.asked import not_before

inquiry_led_by_the_leader = Rule(
    "inquiry_led_by_the_leader", "6(1)", "interpretation",
    "深入了解由组长或者协助其工作的副组长组织。",
    "An in-depth inquiry is led by the leader, or the deputy leader who assists.",
    lambda duty: duty in ("leader", "deputy_leader"),
)  # fmt: skip
inquiry_into_what_came_in = Rule(
    "inquiry_into_what_came_in", "13", "text",
    "深入了解须注明所据的信访件或者问题线索。", "An in-depth inquiry names the petitions or clues it looks into.",
    bool,
)  # fmt: skip
inquiry_into_the_leadership_only = Rule(
    "inquiry_into_the_leadership_only", "13", "text",
    "深入了解只限于反映领导班子及其成员的重要问题和线索；巡查组不履行执纪审查的职责。",
    "In-depth inquiry is only into important problems and clues about the leadership body and its members; the team "
    "does no disciplinary review.",
    lambda on: on in ("leadership_body", "member"),
)  # fmt: skip
inquiry_after_the_meeting = Rule(
    "inquiry_after_the_meeting", "7(2)", "text",
    "拟进行深入了解的重要问题，须先经组务会研究讨论。",
    "An important problem is discussed by the team affairs meeting before it is inquired into.",
    lambda discussed: discussed,
)  # fmt: skip
inquiry_concluded_once = Rule(
    "inquiry_concluded_once", "13", "convention",
    "该深入了解已有结论。", "The inquiry has been concluded already.",
    lambda concluded: not concluded,
)  # fmt: skip
conclusion_not_before_opening = Rule(
    "conclusion_not_before_opening", "13", "convention",
    "作出结论的日期不得早于开始深入了解的日期。", "An inquiry cannot be concluded before it was opened.",
    not_before,
)  # fmt: skip
