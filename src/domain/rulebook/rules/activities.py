"""The ways of working on site, each use on record (Art. 8, 12)."""

from domain.kernel import Rule
from domain.rulebook.rules.asked import while_inspecting

on_site_during_the_inspection = Rule(
    "on_site_during_the_inspection", "12", "text",
    "驻点工作须在进驻之后、巡查结束之前开展。",
    "Work on site is done after entry and before the end of the inspection.",
    while_inspecting,
)  # fmt: skip
staff_at_work_at_the_unit = Rule(
    "staff_at_work_at_the_unit", "5", "text",
    "须写明参加的巡查组工作人员，每人一次；均须当日对该单位有有效授权，且未回避。",
    "The staff who take part are named, each once; each has a live mandate for the unit on that day and is not "
    "recused.",
    lambda staff, at_work: bool(staff) and len(set(staff)) == len(staff) and set(staff) <= set(at_work),
)  # fmt: skip
recorded_by_who_took_part = Rule(
    "recorded_by_who_took_part", "12", "convention",
    "由参加人员或者组长、副组长记录。", "It is put on record by one who took part, or by the leader or deputy leader.",
    lambda doer, staff, duty: doer in staff or duty in ("leader", "deputy_leader"),
)  # fmt: skip
way_rests_on_decision = Rule(
    "way_rests_on_decision", "12(13)", "text",
    "采取其他方式的，须注明市委或者领导小组批准的文件。",
    "Another way of working cites the decision of the party committee or the leading group that approved it.",
    lambda needed, cited: cited or not needed,
)  # fmt: skip
interview_by_enough_staff = Rule(
    "interview_by_enough_staff", "12(2)", "text",
    "个别谈话时工作人员少于规定人数的，须书面说明理由。",
    "An interview held by fewer staff than is normal needs a written reason.",
    lambda interview, staff, minimum, reason: not interview or staff >= minimum or reason,
)  # fmt: skip
interview_has_a_record = Rule(
    "interview_has_a_record", "12(2)", "text",
    "个别谈话应当做好记录。", "A record is made of every interview.",
    lambda interview, recorded: recorded or not interview,
)  # fmt: skip
interview_names_who_was_heard = Rule(
    "interview_names_who_was_heard", "12(2)", "convention",
    "个别谈话须写明谈话对象。", "An interview names who was talked with.",
    lambda interview, heard: heard or not interview,
)  # fmt: skip
member_of_the_leadership_body = Rule(
    "member_of_the_leadership_body", "8(1)", "interpretation",
    "列为领导班子成员的，须当日或者在所巡查的时期内担任该单位领导班子职务。",
    "Whoever is named as a member of the leadership body holds such a post at the unit, or held one in the period "
    "under inspection.",
    lambda member, leadership: member is None or member in leadership,
)  # fmt: skip
