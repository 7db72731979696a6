"""The team's schema: recusal, notice, entry, petitions, clues, supervision, file (Art. 11 to 14, 20, 21, 23, 28)."""

from api.graph import Verb, build
from application import archives, clues, inspections, petitions, publications, rectifications, recusals
from domain.archives import HandOverFile
from domain.clues import RegisterClue, ReportClue
from domain.inspections import EndInspection, EnterUnit, ServeNotice
from domain.items import CheckItem, LinkEarlierProblem
from domain.petitions import HandlePetition, InstructPetition, RegisterPetition
from domain.publications import ProposePublication, Publish
from domain.recusals import DeclareRecusal
from domain.reporting import NameReporter, ReportPeriodically
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
        Verb(CheckItem, rectifications.check_item, "checked_on"),
        Verb(LinkEarlierProblem, rectifications.link_earlier_problem, "linked_on"),
        Verb(ProposePublication, publications.propose_publication, "proposed_on"),
        Verb(Publish, publications.publish, "published_on"),
        Verb(NameReporter, archives.name_reporter, "named_on"),
        Verb(ReportPeriodically, archives.report_periodically, "reported_on"),
        Verb(HandOverFile, archives.hand_over_file, "handed_over_on"),
    ),
)
