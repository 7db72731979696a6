"""The leading group's schema: plans, teams, mandates, disposals, direct reports (Art. 3, 5, 11, 14, 17)."""

from api.graph import Verb, build
from application import archives, clues, disposals, early_transfers, feedback, recusals, rounds
from domain.archives import CloseRound
from domain.clues import NameToKnow, ReleaseClue
from domain.disposals import DecideDisposal
from domain.early_transfers import DecideEarlyTransfer
from domain.feedback import DecideFeedback
from domain.recusals import DecideRecusal
from domain.rounds import ApprovePlan, EndMandate, FormTeam, GrantMandate, ReturnPlan
from projections.leading_group import VIEWS

SCHEMA = build(
    "leading_group",
    VIEWS,
    (
        Verb(ApprovePlan, rounds.approve_plan, "approved_on"),
        Verb(ReturnPlan, rounds.return_plan, "returned_on"),
        Verb(FormTeam, rounds.form_team, "decided_on"),
        Verb(GrantMandate, rounds.grant_mandate, "decided_on"),
        Verb(EndMandate, rounds.end_mandate),
        Verb(DecideRecusal, recusals.decide_recusal, "decided_on"),
        Verb(CloseRound, archives.close_round, "closed_on"),
        Verb(DecideFeedback, feedback.decide_feedback, "decided_on"),
        Verb(DecideEarlyTransfer, early_transfers.decide_early_transfer, "decided_on"),
        Verb(DecideDisposal, disposals.decide_disposal, "decided_on"),
        Verb(NameToKnow, clues.name_to_know, "named_on"),
        Verb(ReleaseClue, clues.release_clue, "released_on"),
    ),
)
