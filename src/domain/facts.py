"""All facts there are: the union by kind is the registry (ADR 2). Reading an entry back begins here."""

import json
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import ConfigDict, Field, TypeAdapter

from domain.activities import ActivityFact
from domain.archives import ArchiveFact, FileRegisterFact
from domain.attempts import AttemptFact
from domain.bodies import BodyFact
from domain.clues import ClueFact, ClueRegisterFact
from domain.deliveries import DeliveryFact
from domain.disposals import DisposalFact
from domain.documents import DocumentRequestFact
from domain.due_dates import DueDateFact
from domain.early_transfers import EarlyTransferFact
from domain.feedback import FeedbackFact
from domain.hearings import HearingFact
from domain.inquiries import InquiryFact
from domain.inspections import InspectionFact
from domain.items import ItemFact
from domain.keeping import ClockSteppedBack, KeepingFact
from domain.kernel import Entry, Fact, Stamp, placed
from domain.nominations import NominationFact
from domain.omissions import OmissionFact
from domain.people import PersonFact, SignInFact
from domain.petitions import PetitionFact, RegisterFact
from domain.problems import ProblemFact
from domain.publications import PublicationFact
from domain.rectifications import RectificationFact
from domain.recusals import RecusalFact
from domain.reporting import ReportingFact
from domain.reports import ReportFact
from domain.rounds import RoundFact
from domain.suggestions import SuggestionFact
from domain.teams import TeamFact
from domain.trainings import TrainingFact
from domain.transfers import TransferFact

__all__ = ["ANY_FACT", "AnyFact", "ClockSteppedBack", "decode", "fact_types"]

AnyFact = (
    ArchiveFact
    | FileRegisterFact
    | ActivityFact
    | AttemptFact
    | BodyFact
    | ClueFact
    | ClueRegisterFact
    | FeedbackFact
    | DocumentRequestFact
    | InquiryFact
    | DeliveryFact
    | DisposalFact
    | DueDateFact
    | EarlyTransferFact
    | HearingFact
    | InspectionFact
    | ItemFact
    | KeepingFact
    | OmissionFact
    | NominationFact
    | PersonFact
    | SignInFact
    | PetitionFact
    | RegisterFact
    | ProblemFact
    | PublicationFact
    | RectificationFact
    | RecusalFact
    | ReportingFact
    | ReportFact
    | RoundFact
    | SuggestionFact
    | TeamFact
    | TrainingFact
    | TransferFact
)

ANY_FACT: TypeAdapter[Any] = TypeAdapter(
    Annotated[AnyFact, Field(discriminator="kind")], config=ConfigDict(hide_input_in_errors=True)
)


def fact_types() -> dict[str, type[Fact]]:
    """Every fact by its stored name."""
    return {t.model_fields["kind"].default: t for t in AnyFact.__args__}


def decode(
    position: int,
    stream: str,
    version: int,
    kind: str,
    recorded_at: datetime,
    command: UUID,
    ordinal: int,
    body: bytes,
) -> Entry[Any]:
    """A row of the ledger as an entry. Opens no seal; raises ValidationError for a kind nobody knows."""
    raw = placed(json.loads(body), f"{stream}|{version}|{kind}")
    fact = ANY_FACT.validate_python({"kind": kind, **raw["payload"]})
    stamp = Stamp.model_validate(raw["stamp"])
    return Entry(position, stream, version, recorded_at, stamp, fact, command, ordinal)
