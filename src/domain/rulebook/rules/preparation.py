"""What comes before entry: plan, teams, mandates (Art. 5, 10, 11)."""

from domain.kernel import Rule
from domain.rulebook.rules.asked import not_before, one_of

round_number_once = Rule(
    "round_number_once", "11(1)", "convention",
    "该年度已有这一轮次，请核对轮次序号。", "This year has a round of this number already: check the number.",
    lambda free: free,
)  # fmt: skip
plan_approved_first = Rule(
    "plan_approved_first", "11(1)", "text",
    "巡查工作方案尚未经领导小组批准，其后工作不得开展。",
    "The work plan has not been approved by the leading group; nothing follows before that.",
    lambda approved: approved,
)  # fmt: skip
plan_awaits_decision = Rule(
    "plan_awaits_decision", "11(1)", "text",
    "没有待批准的巡查工作方案。", "There is no work plan awaiting approval.",
    lambda awaiting: awaiting,
)  # fmt: skip
decided_on_the_plan_read = Rule(
    "decided_on_the_plan_read", "11(1)", "convention",
    "所审阅的方案已被新报的方案取代，请审阅新的方案。",
    "The plan that was read has been replaced by a newer one: read that first.",
    lambda read, pending: read is None or read == pending,
)  # fmt: skip
plan_decided_after_submission = Rule(
    "plan_decided_after_submission", "11(1)", "convention",
    "批准或者退回方案的日期不得早于报批日期。", "A plan is not decided on before it was submitted.",
    not_before,
)  # fmt: skip
plan_not_yet_approved = Rule(
    "plan_not_yet_approved", "11(1)", "text",
    "巡查工作方案已经批准，不得再次报批。", "The work plan is approved already and is not submitted again.",
    lambda approved: not approved,
)  # fmt: skip
plan_period_runs_forward = Rule(
    "plan_period_runs_forward", "11(1)", "convention",
    "结束日期不得早于开始日期。", "A period cannot end before it begins.",
    not_before,
)  # fmt: skip
special_form_names_focus = Rule(
    "special_form_names_focus", "10", "text",
    "专项巡查须写明重点（人、事、问题或整改情况）。",
    "A special inspection names its focus: person, matter, problem or rectification.",
    lambda form, focus: form != "special" or focus is not None,
)  # fmt: skip
form_rests_on_decision = Rule(
    "form_rests_on_decision", "10", "text",
    "此种巡查形式须注明市委或领导小组的决定。",
    "This form of inspection cites the decision of the party committee or the leading group it rests on.",
    lambda form, by_decision, decision_cited: form not in by_decision or decision_cited,
)  # fmt: skip
plan_names_each_unit_once = Rule(
    "plan_names_each_unit_once", "11(1)", "text",
    "方案须列明被巡查单位，且每个单位只列一次。", "The plan lists the units, each of them once.",
    lambda units: bool(units) and len(set(units)) == len(units),
)  # fmt: skip
team_formed_after_approval = Rule(
    "team_formed_after_approval", "11(2)", "convention",
    "组建巡查组的决定不得早于方案批准日期。", "A team is not formed before the plan is approved.",
    not_before,
)  # fmt: skip
units_in_the_plan = Rule(
    "units_in_the_plan", "11(1)", "text",
    "所列单位不在已批准的方案内。", "A unit is named that is not in the approved plan.",
    lambda units, planned: set(units) <= set(planned),
)  # fmt: skip
one_team_for_each_unit = Rule(
    "one_team_for_each_unit", "11(2)", "convention",
    "该单位已分派给本轮另一巡查组。", "The unit is assigned to another team of this round already.",
    lambda units, assigned: not set(units) & set(assigned),
)  # fmt: skip
mandate_for_the_teams_units = Rule(
    "mandate_for_the_teams_units", "5", "text",
    "授权须列明单位，每个一次；所列单位须属于该巡查组。",
    "A mandate names units, each once, and only this team's.",
    lambda units, teams_units: bool(units) and len(set(units)) == len(units) and set(units) <= set(teams_units),
)  # fmt: skip
mandate_names_a_power = Rule(
    "mandate_names_a_power", "5", "convention",
    "授权须列明权限，每项一次。", "A mandate names its powers, each once.",
    lambda powers: bool(powers) and len(set(powers)) == len(powers),
)  # fmt: skip
mandate_after_its_team = Rule(
    "mandate_after_its_team", "5, 11(2)", "convention",
    "授权决定不得早于组建巡查组的决定。", "A mandate is not decided on before its team was formed.",
    not_before,
)  # fmt: skip
one_leader_for_each_team = Rule(
    "one_leader_for_each_team", "5", "text",
    "巡查组对所列单位已有在任组长；更换须先终止原授权。",
    "The team has a leader for a unit named; to replace the leader, end the present mandate first.",
    lambda duty, leaders: duty != "leader" or not leaders,
)  # fmt: skip
one_registrar_for_each_team = Rule(
    "one_registrar_for_each_team", "13", "text",
    "巡查组对所列单位已指定专人登记信访；更换须先终止原授权。",
    "The team has its named registrar for a unit named; to replace the registrar, end the present mandate first.",
    lambda duty, registrars: duty != "registrar" or not registrars,
)  # fmt: skip
mandate_ends_after_it_begins = Rule(
    "mandate_ends_after_it_begins", "5", "convention",
    "授权终止日不得早于起始日。", "A mandate cannot end before it begins.",
    not_before,
)  # fmt: skip
mandate_not_before_decision = Rule(
    "mandate_not_before_decision", "5", "convention",
    "授权起始日不得早于作出授权决定之日。", "A mandate does not begin before it was decided.",
    not_before,
)  # fmt: skip
leader_moved_to_non_leading_post = Rule(
    "leader_moved_to_non_leading_post", "5", "text",
    "组长原则上由改任非领导职务的干部担任；不是的，须写明理由。",
    "The leader is in principle a cadre moved to a non-leading post; where not, a written reason is needed.",
    lambda duty, moved, reason_given: duty != "leader" or moved or reason_given,
)  # fmt: skip
plan_decided_by_who_may = Rule(
    "plan_decided_by_who_may", "11(1)", "text",
    "巡查工作方案由现行规程规定的机关批准。", "The work plan is decided on by the body the edition names.",
    one_of,
)  # fmt: skip
team_formed_by_who_may = Rule(
    "team_formed_by_who_may", "3(2)", "text",
    "巡查组由现行规程规定的机关组建。", "A team is formed by the body the edition names.",
    one_of,
)  # fmt: skip
granted_by_who_may = Rule(
    "granted_by_who_may", "5", "text",
    "授权须由有权决定者作出。", "A mandate is granted by those who may grant it.",
    one_of,
)  # fmt: skip
mandate_live = Rule(
    "mandate_live", "5", "text",
    "没有覆盖此人、此单位、此权限、此时的有效授权（一次一授权）。",
    "No live mandate covers this person, unit, power and moment (one authorisation for each task).",
    lambda live: live,
)  # fmt: skip
within_the_power = Rule(
    "within_the_power", "5", "convention",
    "该权限此时尚未生效或已经结束：进驻权限自进驻至该单位巡查结束。",
    "This power has not begun or has ended: on-site power lasts from entry to the end of inspection at the unit.",
    lambda live: live,
)  # fmt: skip
leader_nominated_first = Rule(
    "leader_nominated_first", "5", "text",
    "组长人选须先由市委组织部商市纪委提出，再报市委研定。",
    "A leader is nominated by the organisation department, after consulting the discipline commission, before the "
    "party committee decides.",
    lambda duty, nominated_on, decided_on: (
        duty != "leader" or (nominated_on is not None and nominated_on <= decided_on)
    ),
)  # fmt: skip
nominated_by_who_may = Rule(
    "nominated_by_who_may", "5", "text",
    "组长人选由现行规程规定的机关提出。", "A leader is nominated by the organ the edition names.",
    one_of,
)  # fmt: skip
consulted_whom_the_edition_names = Rule(
    "consulted_whom_the_edition_names", "5", "text",
    "提出组长人选须商现行规程规定的机关。", "A nomination consults the organ the edition names.",
    lambda organ_class, consulted: organ_class in consulted,
)  # fmt: skip
consulted_before_nominated = Rule(
    "consulted_before_nominated", "5", "text",
    "提出组长人选的日期不得早于商市纪委的日期。", "A nomination cannot come before the consultation it rests on.",
    not_before,
)  # fmt: skip
training_names_its_attendees = Rule(
    "training_names_its_attendees", "11(3)", "convention",
    "培训记录须写明参加人员，每人一次。", "A training's record names those who attended, each once.",
    lambda attendees: bool(attendees) and len(set(attendees)) == len(attendees),
)  # fmt: skip
training_of_the_rounds_staff = Rule(
    "training_of_the_rounds_staff", "11(3)", "text",
    "参加培训的须是本轮巡查组工作人员，且授权尚未结束。",
    "Those trained are staff of this round's teams whose mandate is not over.",
    lambda attendees, staff: set(attendees) <= set(staff),
)  # fmt: skip
