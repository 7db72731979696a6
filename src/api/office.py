"""The office's schema: its own verbs, and the acts of others it may enter from paper (Art. 4, 17)."""

from api.graph import Verb, build
from application import clues, directory, feedback, inspections, recusals, reports, rounds, transfers
from domain.bodies import RegisterBody
from domain.clues import DecideDisposal, ProposeDisposal
from domain.feedback import DecideFeedback, GiveFeedback, ProposeFeedback, ReceiveFeedback, RecordFeedbackService
from domain.inspections import EndInspection, EnterUnit, PublishNotice, ReceiveNotice, ServeNotice
from domain.people import Appoint, EndAppointment, LinkSignIn, RegisterPerson
from domain.recusals import DecideRecusal, DeclareRecusal
from domain.reports import SaveDraft, SignReport, SubmitReport, SupplementReport
from domain.rounds import ApprovePlan, EndMandate, FormTeam, GrantMandate, OpenRound, ReturnPlan, SubmitPlan
from domain.transfers import AnswerTransfer, ReceiveTransfer, TransferClue
from projections.office import VIEWS

OWN = (
    Verb(RegisterBody, directory.register_body),
    Verb(RegisterPerson, directory.register_person),
    Verb(LinkSignIn, directory.link_sign_in),
    Verb(Appoint, directory.appoint),
    Verb(EndAppointment, directory.end_appointment),
    Verb(OpenRound, rounds.open_round),
    Verb(SubmitPlan, rounds.submit_plan),
    Verb(DecideRecusal, recusals.decide_recusal, "decided_on"),
    Verb(ProposeDisposal, clues.propose_disposal, "proposed_on"),
    Verb(TransferClue, transfers.transfer_clue, "transferred_on"),
    Verb(DecideFeedback, feedback.decide_feedback, "decided_on"),
    Verb(RecordFeedbackService, feedback.record_feedback_service, "recorded_on"),
)

FROM_PAPER = (
    Verb(ApprovePlan, rounds.approve_plan, "approved_on"),
    Verb(ReturnPlan, rounds.return_plan, "returned_on"),
    Verb(FormTeam, rounds.form_team, "decided_on"),
    Verb(GrantMandate, rounds.grant_mandate, "decided_on"),
    Verb(EndMandate, rounds.end_mandate),
    Verb(DeclareRecusal, recusals.declare_recusal, "declared_on"),
    Verb(ServeNotice, inspections.serve_notice, "served_on"),
    Verb(ReceiveNotice, inspections.receive_notice, "received_on"),
    Verb(PublishNotice, inspections.publish_notice, "published_on"),
    Verb(EnterUnit, inspections.enter_unit, "entered_on"),
    Verb(EndInspection, inspections.end_inspection, "ended_on"),
    Verb(DecideDisposal, clues.decide_disposal, "decided_on"),
    Verb(ReceiveTransfer, transfers.receive_transfer, "received_on"),
    Verb(AnswerTransfer, transfers.answer_transfer, "answered_on"),
    Verb(SaveDraft, reports.save_draft, "saved_on"),
    Verb(SignReport, reports.sign_report, "signed_on"),
    Verb(SubmitReport, reports.submit_report, "submitted_on"),
    Verb(SupplementReport, reports.supplement_report, "supplemented_on"),
    Verb(ProposeFeedback, feedback.propose_feedback, "proposed_on"),
    Verb(GiveFeedback, feedback.give_feedback, "given_on"),
    Verb(ReceiveFeedback, feedback.receive_feedback, "received_on"),
)
"""Each needs a doer and a paper; what only the doer may do on-line (reading, instructing, signing) is not here."""

SCHEMA = build("office", VIEWS, (*OWN, *FROM_PAPER))
