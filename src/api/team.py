"""The team's schema: from recusal and notice to report, feedback, supervision and file (Art. 7, 11 to 29)."""

from api.graph import Verb, build
from application import (
    activities,
    archives,
    clues,
    deliveries,
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
    suggestions,
    teams,
)
from domain.activities import RecordActivity
from domain.archives import HandOverFile
from domain.clues import RegisterClue, ReportClue, ReportDirectly
from domain.deliveries import AcknowledgeDelivery, Deliver
from domain.documents import RequestDocuments
from domain.early_transfers import ProposeEarlyTransfer
from domain.feedback import GiveFeedback, ProposeFeedback
from domain.inquiries import ConcludeInquiry, OpenInquiry
from domain.inspections import EndInspection, EnterUnit, PublishAnnouncement, ServeNotice
from domain.items import CheckItem, LinkEarlierProblem
from domain.omissions import OmitRestrictedClue
from domain.petitions import HandlePetition, InstructPetition, RegisterPetition
from domain.publications import ProposePublication, Publish
from domain.recusals import AnswerRecusalRequest, DeclareRecusal, RequestRecusal
from domain.reporting import NameReporter, ReportPeriodically
from domain.reports import SaveDraft, SignReport, SubmitReport, SupplementReport
from domain.suggestions import MakeSuggestion, ProposeSuggestion
from domain.teams import FileTeamPlan, HoldMeeting
from projections import teams_on_site
from projections.teams import VIEWS

SCHEMA = build(
    "team",
    (*VIEWS, *teams_on_site.VIEWS),
    (
        Verb(FileTeamPlan, preparation.file_team_plan, "filed_on"),
        Verb(Deliver, deliveries.deliver, "delivered_on"),
        Verb(AcknowledgeDelivery, deliveries.acknowledge_delivery, "received_on"),
        Verb(DeclareRecusal, recusals.declare_recusal, "declared_on"),
        Verb(RequestRecusal, recusals.request_recusal, "requested_on"),
        Verb(AnswerRecusalRequest, recusals.answer_recusal_request, "answered_on"),
        Verb(ServeNotice, inspections.serve_notice, "served_on"),
        Verb(PublishAnnouncement, inspections.publish_announcement, "published_on"),
        Verb(EnterUnit, inspections.enter_unit, "entered_on"),
        Verb(EndInspection, inspections.end_inspection, "ended_on"),
        Verb(RegisterPetition, petitions.register_petition),
        Verb(InstructPetition, petitions.instruct_petition, "instructed_on"),
        Verb(HandlePetition, petitions.handle_petition, "handled_on"),
        Verb(RegisterClue, clues.register_clue, "registered_on"),
        Verb(ReportClue, clues.report_clue, "reported_on"),
        Verb(CheckItem, rectifications.check_item, "checked_on"),
        Verb(LinkEarlierProblem, rectifications.link_earlier_problem, "linked_on"),
        Verb(ProposePublication, publications.propose_publication, "proposed_on"),
        Verb(Publish, publications.publish, "published_on"),
        Verb(NameReporter, archives.name_reporter, "named_on"),
        Verb(ReportPeriodically, archives.report_periodically, "reported_on"),
        Verb(HandOverFile, archives.hand_over_file, "handed_over_on"),
        Verb(SaveDraft, reports.save_draft, "saved_on"),
        Verb(OmitRestrictedClue, reports.omit_restricted_clue, "omitted_on"),
        Verb(SignReport, reports.sign_report, "signed_on"),
        Verb(SubmitReport, reports.submit_report, "submitted_on"),
        Verb(SupplementReport, reports.supplement_report, "supplemented_on"),
        Verb(ProposeFeedback, feedback.propose_feedback, "proposed_on"),
        Verb(GiveFeedback, feedback.give_feedback, "given_on"),
        Verb(HoldMeeting, teams.hold_meeting, "held_on"),
        Verb(RecordActivity, activities.record_activity, "held_on"),
        Verb(RequestDocuments, documents.request_documents, "requested_on"),
        Verb(OpenInquiry, inquiries.open_inquiry, "opened_on"),
        Verb(ConcludeInquiry, inquiries.conclude_inquiry, "concluded_on"),
        Verb(ProposeSuggestion, suggestions.propose_suggestion, "proposed_on"),
        Verb(MakeSuggestion, suggestions.make_suggestion, "made_on"),
        Verb(ReportDirectly, clues.report_directly, "reported_on"),
        Verb(ProposeEarlyTransfer, early_transfers.propose_early_transfer, "proposed_on"),
    ),
)
