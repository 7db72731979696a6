"""The inspected unit's schema: its own inspection, and nothing that shows a petition or a clue (Art. 11(6), 18, 19)."""

from api.graph import Verb, build
from application import documents, feedback, inspections, rectifications, recusals, suggestions
from domain.documents import AnswerDocumentRequest
from domain.feedback import ReceiveFeedback
from domain.inspections import PublishNotice, ReceiveNotice
from domain.items import AskItemExtension, PlanItem, UpdateItem
from domain.rectifications import SubmitHeadsReport, SubmitRectificationReport
from domain.recusals import RequestRecusal
from domain.suggestions import AnswerSuggestion
from projections import units_on_site
from projections.units import VIEWS

SCHEMA = build(
    "unit",
    (*VIEWS, *units_on_site.VIEWS),
    (
        Verb(ReceiveNotice, inspections.receive_notice, "received_on"),
        Verb(PublishNotice, inspections.publish_notice, "published_on"),
        Verb(PlanItem, rectifications.plan_item, "planned_on"),
        Verb(UpdateItem, rectifications.update_item, "updated_on"),
        Verb(AskItemExtension, rectifications.ask_item_extension, "asked_on"),
        Verb(SubmitRectificationReport, rectifications.submit_rectification_report, "submitted_on"),
        Verb(SubmitHeadsReport, rectifications.submit_heads_report, "submitted_on"),
        Verb(ReceiveFeedback, feedback.receive_feedback, "received_on"),
        Verb(AnswerDocumentRequest, documents.answer_document_request, "answered_on"),
        Verb(RequestRecusal, recusals.request_recusal, "requested_on"),
        Verb(AnswerSuggestion, suggestions.answer_suggestion, "answered_on"),
    ),
)
