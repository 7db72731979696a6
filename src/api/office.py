"""The office's schema: its own verbs, and the acts of others it may enter from paper (Art. 4, 15, 17)."""

from api.graph import Verb, build
from application import (
    activities,
    archives,
    clues,
    corrections,
    deliveries,
    directory,
    disposals,
    documents,
    early_transfers,
    feedback,
    inquiries,
    inspections,
    petitions,
    preparation,
    publications,
    rectifications,
    recusals,
    reports,
    rounds,
    suggestions,
    teams,
    transfers,
)
from domain.activities import RecordActivity
from domain.archives import CloseRound, EndRoundsWork, HandOverFile, ReceiveFile
from domain.bodies import RecordSuccession, RegisterBody, RenameBody
from domain.clues import RegisterClue, ReportClue
from domain.deliveries import AcknowledgeDelivery, Deliver, RecordService
from domain.disposals import DecideDisposal, ProposeDisposal
from domain.documents import AnswerDocumentRequest, RequestDocuments
from domain.early_transfers import DecideEarlyTransfer, ProposeEarlyTransfer
from domain.feedback import DecideFeedback, GiveFeedback, ProposeFeedback, ReceiveFeedback, RecordFeedbackService
from domain.hearings import HearTeam
from domain.inquiries import ConcludeInquiry, OpenInquiry
from domain.inspections import (
    EndInspection,
    EnterUnit,
    PublishAnnouncement,
    PublishNotice,
    ReceiveNotice,
    RecordNoticeService,
    ServeNotice,
)
from domain.items import AskItemExtension, CheckItem, DecideItemExtension, LinkEarlierProblem, PlanItem, UpdateItem
from domain.kernel import CorrectDay
from domain.nominations import NominateLeader
from domain.people import (
    Appoint,
    EndAppointment,
    LinkSignIn,
    RegisterPerson,
    UnlinkSignIn,
    WithdrawAppointment,
)
from domain.petitions import HandlePetition, InstructPetition, RegisterPetition
from domain.publications import DecidePublication, ProposePublication, Publish
from domain.rectifications import ReturnReport, SubmitHeadsReport, SubmitRectificationReport
from domain.recusals import AnswerRecusalRequest, DecideRecusal, DeclareRecusal, RequestRecusal
from domain.reporting import NameReporter, ReportPeriodically
from domain.reports import SaveDraft, SignReport, SubmitReport, SupplementReport
from domain.rounds import ApprovePlan, EndMandate, FormTeam, GrantMandate, OpenRound, ReturnPlan, SubmitPlan
from domain.suggestions import AnswerSuggestion, DecideSuggestion, MakeSuggestion, ProposeSuggestion
from domain.teams import FileTeamPlan, HoldMeeting
from domain.trainings import HoldTraining
from domain.transfers import (
    AnswerTransfer,
    ReceiveTransfer,
    RecordTransferService,
    ReturnTransfer,
    TransferItem,
    UrgeAnswer,
)
from projections import office_on_site
from projections.office import VIEWS
from projections.teams import ON_FILE

OWN = (
    Verb(RegisterBody, directory.register_body),
    Verb(RenameBody, directory.rename_body),
    Verb(RecordSuccession, directory.record_succession),
    Verb(RegisterPerson, directory.register_person),
    Verb(LinkSignIn, directory.link_sign_in),
    Verb(UnlinkSignIn, directory.unlink_sign_in),
    Verb(Appoint, directory.appoint),
    Verb(EndAppointment, directory.end_appointment),
    Verb(WithdrawAppointment, directory.withdraw_appointment),
    Verb(OpenRound, rounds.open_round),
    Verb(SubmitPlan, rounds.submit_plan, "submitted_on"),
    Verb(RequestRecusal, recusals.request_recusal, "requested_on"),
    Verb(DecideRecusal, recusals.decide_recusal, "decided_on"),
    Verb(DecideItemExtension, rectifications.decide_item_extension, "decided_on"),
    Verb(ReturnReport, rectifications.return_report, "returned_on"),
    Verb(CheckItem, rectifications.check_item, "checked_on"),
    Verb(LinkEarlierProblem, rectifications.link_earlier_problem, "linked_on"),
    Verb(ProposePublication, publications.propose_publication, "proposed_on"),
    Verb(DecidePublication, publications.decide_publication, "decided_on"),
    Verb(Publish, publications.publish, "published_on"),
    Verb(EndRoundsWork, archives.end_rounds_work, "ended_on"),
    Verb(ReceiveFile, archives.receive_file, "received_on"),
    Verb(DecideFeedback, feedback.decide_feedback, "decided_on"),
    Verb(RecordFeedbackService, feedback.record_feedback_service, "recorded_on"),
    Verb(DecideSuggestion, suggestions.decide_suggestion, "decided_on"),
    Verb(HoldTraining, preparation.hold_training, "held_on"),
    Verb(Deliver, deliveries.deliver, "delivered_on"),
    Verb(RecordService, deliveries.record_service, "recorded_on"),
    Verb(RecordNoticeService, inspections.record_notice_service, "recorded_on"),
    Verb(HearTeam, disposals.hear_team, "heard_on"),
    Verb(DecideEarlyTransfer, early_transfers.decide_early_transfer, "decided_on"),
    Verb(ProposeDisposal, disposals.propose_disposal, "proposed_on"),
    Verb(TransferItem, transfers.transfer_item, "transferred_on"),
    Verb(RecordTransferService, transfers.record_transfer_service, "recorded_on"),
    Verb(UrgeAnswer, transfers.urge_answer, "urged_on"),
    Verb(CorrectDay, corrections.correct_day, "corrected_on"),
)

FROM_PAPER = (
    Verb(ApprovePlan, rounds.approve_plan, "approved_on"),
    Verb(ReturnPlan, rounds.return_plan, "returned_on"),
    Verb(FormTeam, rounds.form_team, "decided_on"),
    Verb(GrantMandate, rounds.grant_mandate, "decided_on"),
    Verb(EndMandate, rounds.end_mandate),
    Verb(DeclareRecusal, recusals.declare_recusal, "declared_on"),
    Verb(AnswerRecusalRequest, recusals.answer_recusal_request, "answered_on"),
    Verb(ServeNotice, inspections.serve_notice, "served_on"),
    Verb(ReceiveNotice, inspections.receive_notice, "received_on"),
    Verb(PublishNotice, inspections.publish_notice, "published_on"),
    Verb(EnterUnit, inspections.enter_unit, "entered_on"),
    Verb(EndInspection, inspections.end_inspection, "ended_on"),
    Verb(ProposeEarlyTransfer, early_transfers.propose_early_transfer, "proposed_on"),
    Verb(DecideDisposal, disposals.decide_disposal, "decided_on"),
    Verb(ReceiveTransfer, transfers.receive_transfer, "received_on"),
    Verb(ReturnTransfer, transfers.return_transfer, "returned_on"),
    Verb(AnswerTransfer, transfers.answer_transfer, "answered_on"),
    Verb(PlanItem, rectifications.plan_item, "planned_on"),
    Verb(UpdateItem, rectifications.update_item, "updated_on"),
    Verb(AskItemExtension, rectifications.ask_item_extension, "asked_on"),
    Verb(SubmitRectificationReport, rectifications.submit_rectification_report, "submitted_on"),
    Verb(SubmitHeadsReport, rectifications.submit_heads_report, "submitted_on"),
    Verb(NameReporter, archives.name_reporter, "named_on"),
    Verb(ReportPeriodically, archives.report_periodically, "reported_on"),
    Verb(HandOverFile, archives.hand_over_file, "handed_over_on"),
    Verb(CloseRound, archives.close_round, "closed_on"),
    Verb(SaveDraft, reports.save_draft, "saved_on"),
    Verb(SignReport, reports.sign_report, "signed_on"),
    Verb(SubmitReport, reports.submit_report, "submitted_on"),
    Verb(SupplementReport, reports.supplement_report, "supplemented_on"),
    Verb(ProposeFeedback, feedback.propose_feedback, "proposed_on"),
    Verb(GiveFeedback, feedback.give_feedback, "given_on"),
    Verb(ReceiveFeedback, feedback.receive_feedback, "received_on"),
    Verb(RegisterPetition, petitions.register_petition),
    Verb(InstructPetition, petitions.instruct_petition, "instructed_on"),
    Verb(HandlePetition, petitions.handle_petition, "handled_on"),
    Verb(RegisterClue, clues.register_clue, "registered_on"),
    Verb(ReportClue, clues.report_clue, "reported_on"),
    Verb(HoldMeeting, teams.hold_meeting, "held_on"),
    Verb(RecordActivity, activities.record_activity, "held_on"),
    Verb(RequestDocuments, documents.request_documents, "requested_on"),
    Verb(AnswerDocumentRequest, documents.answer_document_request, "answered_on"),
    Verb(OpenInquiry, inquiries.open_inquiry, "opened_on"),
    Verb(ConcludeInquiry, inquiries.conclude_inquiry, "concluded_on"),
    Verb(ProposeSuggestion, suggestions.propose_suggestion, "proposed_on"),
    Verb(MakeSuggestion, suggestions.make_suggestion, "made_on"),
    Verb(AnswerSuggestion, suggestions.answer_suggestion, "answered_on"),
    Verb(NominateLeader, preparation.nominate_leader, "nominated_on"),
    Verb(FileTeamPlan, preparation.file_team_plan, "filed_on"),
    Verb(PublishAnnouncement, inspections.publish_announcement, "published_on"),
    Verb(AcknowledgeDelivery, deliveries.acknowledge_delivery, "received_on"),
)
"""Each needs a doer and a paper; what only the doer may do on-line (reading, instructing, signing) is not here,
nor what the office knows nothing of (a direct report, Art. 14)."""

FILE = {view.name.replace("team_", "file_"): view for view in ON_FILE}
"""What the office reads of a file it has received: the team's own lists, by identity (ADR 23)."""

SCHEMA = build("office", (*VIEWS, *office_on_site.VIEWS), (*OWN, *FROM_PAPER), FILE)
