"""The team's schema: recusal, notice, entry, petitions, clues, report, feedback (Art. 11 to 14, 16, 18, 23)."""

from api.graph import Verb, build
from application import clues, feedback, inspections, petitions, recusals, reports
from domain.clues import RegisterClue, ReportClue
from domain.feedback import GiveFeedback, ProposeFeedback
from domain.inspections import EndInspection, EnterUnit, ServeNotice
from domain.omissions import OmitRestrictedClue
from domain.petitions import HandlePetition, InstructPetition, RegisterPetition
from domain.recusals import DeclareRecusal
from domain.reports import SaveDraft, SignReport, SubmitReport, SupplementReport
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
        Verb(SaveDraft, reports.save_draft, "saved_on"),
        Verb(OmitRestrictedClue, reports.omit_restricted_clue, "omitted_on"),
        Verb(SignReport, reports.sign_report, "signed_on"),
        Verb(SubmitReport, reports.submit_report, "submitted_on"),
        Verb(SupplementReport, reports.supplement_report, "supplemented_on"),
        Verb(ProposeFeedback, feedback.propose_feedback, "proposed_on"),
        Verb(GiveFeedback, feedback.give_feedback, "given_on"),
    ),
)
