"""The team's schema: recusal, notice, entry, petitions, clues (Art. 11 to 14, 23)."""

from api.graph import Verb, build
from application import clues, inspections, petitions, recusals
from domain.clues import RegisterClue, ReportClue
from domain.inspections import EndInspection, EnterUnit, ServeNotice
from domain.petitions import HandlePetition, InstructPetition, RegisterPetition
from domain.recusals import DeclareRecusal
from projections.teams import VIEWS

SCHEMA = build(
    "team",
    VIEWS,
    (
        Verb(DeclareRecusal, recusals.declare_recusal, "declared_on"),
        Verb(ServeNotice, inspections.serve_notice, "served_on"),
        Verb(EnterUnit, inspections.enter_unit, "entered_on"),
        Verb(EndInspection, inspections.end_inspection, "ended_on"),
        Verb(RegisterPetition, petitions.register_petition),
        Verb(InstructPetition, petitions.instruct_petition, "instructed_on"),
        Verb(HandlePetition, petitions.handle_petition, "handled_on"),
        Verb(RegisterClue, clues.register_clue, "registered_on"),
        Verb(ReportClue, clues.report_clue, "reported_on"),
    ),
)
