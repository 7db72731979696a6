"""Petitions: registered, instructed on, handled singly (Art. 6(3), 13)."""

from domain.kernel import Rule
from domain.rulebook.rules.asked import not_before

only_the_registrar = Rule(
    "only_the_registrar", "13", "text",
    "信访事项由巡查组指定的专人登记。", "Petitions are registered by the team's named registrar.",
    lambda duty: duty == "registrar",
)  # fmt: skip
only_the_leader = Rule(
    "only_the_leader", "6(3)", "text",
    "信访举报件由巡查组组长阅批，他人不得代行。", "Petitions are read and instructed on by the leader, nobody else.",
    lambda duty: duty == "leader",
)  # fmt: skip
petition_after_entry = Rule(
    "petition_after_entry", "13", "convention",
    "收到信访的日期不得早于进驻日期。", "A petition cannot be received before entry.",
    lambda entered_on, received_on: entered_on is not None and entered_on <= received_on,
)  # fmt: skip
registered_after_receipt = Rule(
    "registered_after_receipt", "13", "convention",
    "登记信访的日期不得早于收到日期。", "A petition is not registered before it was received.",
    not_before,
)  # fmt: skip
instructed_once = Rule(
    "instructed_once", "13", "convention",
    "该信访件已经阅批并交此人承办；可以另行指定承办人。",
    "The petition is with this handler already; another may be named.",
    lambda instructed: not instructed,
)  # fmt: skip
instruction_not_before_receipt = Rule(
    "instruction_not_before_receipt", "13", "convention",
    "阅批日期不得早于收到日期。", "An instruction cannot come before the petition was received.",
    not_before,
)  # fmt: skip
instruction_not_before_the_last = Rule(
    "instruction_not_before_the_last", "13", "convention",
    "阅批日期不得早于前一次阅批。", "An instruction cannot come before the one on record.",
    not_before,
)  # fmt: skip
handler_of_the_same_team = Rule(
    "handler_of_the_same_team", "13", "text",
    "承办人须是对该单位有有效授权的本组人员。", "The handler must be of this team, with a live mandate for the unit.",
    lambda covers: covers,
)  # fmt: skip
instructed_before_handled = Rule(
    "instructed_before_handled", "13", "text",
    "信访件须先经组长阅批，再逐件处理。", "A petition is instructed on first, and then handled singly.",
    lambda instructed: instructed,
)  # fmt: skip
handled_once = Rule(
    "handled_once", "13", "text",
    "该信访件已经处理。", "The petition has been handled already.",
    lambda handled: not handled,
)  # fmt: skip
handled_by_its_handler = Rule(
    "handled_by_its_handler", "13", "convention",
    "由组长指定的承办人处理。", "It is handled by the person the leader named.",
    lambda doer, handler: doer == handler,
)  # fmt: skip
way_of_handling_known = Rule(
    "way_of_handling_known", "13", "text",
    "处理方式不是现行规程所列；执纪审查不属于巡查组职责。",
    "The way of handling is not one of the edition's; disciplinary review is never the team's.",
    lambda way, known: way in known,
)  # fmt: skip
late_petition_passed_on = Rule(
    "late_petition_passed_on", "13", "convention",
    "巡查结束后收到的信访件，登记后转有关单位，巡查组不再办理。",
    "A petition received after the end of the inspection is registered and passed on, and nothing else.",
    lambda late, way: not late or way == "passed_to_organ",
)  # fmt: skip
out_of_scope_passed_on = Rule(
    "out_of_scope_passed_on", "13", "convention",
    "不属于巡查工作职责范围（被巡查单位领导班子及其成员、下属单位和内设机构负责人的问题）的信访件，登记后转有关单位。",
    "A petition out of scope (not about the leadership body, its members, or heads of subordinate units and internal "
    "departments) is registered and passed on, and nothing else.",
    lambda in_scope, way: in_scope or way == "passed_to_organ",
)  # fmt: skip
passed_on_to_a_named_organ = Rule(
    "passed_on_to_a_named_organ", "13", "convention",
    "转有关单位的，须写明转往哪一单位；未转的，不写。",
    "What is passed on names the organ it was passed to, and nothing else does.",
    lambda way, organ: (way == "passed_to_organ") == (organ is not None),
)  # fmt: skip
never_passed_to_the_unit = Rule(
    "never_passed_to_the_unit", "13", "convention",
    "信访件不得转给被反映的单位。", "A petition is never passed to the unit it concerns.",
    lambda organ, unit: organ is None or organ != unit,
)  # fmt: skip
never_passed_to_the_concerned = Rule(
    "never_passed_to_the_concerned", "13", "convention",
    "信访件不得转给被反映的人员。", "A petition is never passed to a person it concerns.",
    lambda recipients, concerned: not set(recipients) & set(concerned),
)  # fmt: skip
passed_on_with_its_material = Rule(
    "passed_on_with_its_material", "13", "convention",
    "转有关单位的，须附所转材料并写明收件人；未转的，不附。",
    "What is passed on goes with a material to named recipients, and nothing else does.",
    lambda way, material, recipients: (
        (bool(material) and bool(recipients)) if way == "passed_to_organ" else not (material or recipients)
    ),
)  # fmt: skip
a_clue_names_its_petition = Rule(
    "a_clue_names_its_petition", "13", "convention",
    "转为问题线索的，应当登记线索并注明信访件。",
    "A petition turned into a clue is handled by registering the clue that names it.",
    lambda way, clue: (way == "clue") == (clue is not None),
)  # fmt: skip
handling_not_before_instruction = Rule(
    "handling_not_before_instruction", "13", "convention",
    "处理日期不得早于阅批日期。", "Handling cannot come before the instruction.",
    not_before,
)  # fmt: skip
