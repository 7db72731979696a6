"""Holds: what is still open keeps its keys, so that its texts can yet be read by who must (promises.md §5.1)."""

from datetime import date
from typing import TypeVar

from application.ledger import Ledger
from domain.archives import ARCHIVES
from domain.clues import CLUES
from domain.disposals import DISPOSALS, disposal_of
from domain.early_transfers import EARLY_TRANSFERS, early_transfer_of
from domain.feedback import FEEDBACK, feedback_of
from domain.hearings import HEARINGS
from domain.inspections import INSPECTIONS
from domain.items import ITEMS
from domain.kernel import Aggregate
from domain.omissions import OMISSIONS
from domain.people import PEOPLE
from domain.petitions import PETITIONS
from domain.problems import PROBLEMS
from domain.publications import PUBLICATIONS
from domain.rectifications import RECTIFICATIONS
from domain.recusals import RECUSALS
from domain.reports import REPORTS
from domain.rounds import ROUNDS
from domain.transfers import TRANSFERS

S = TypeVar("S")


class Holds:
    """Whether a matter is under a hold today. Remembers what it read, so that nothing moves before it is acted on."""

    def __init__(self, ledger: Ledger, today: date) -> None:
        self._ledger = ledger
        self._today = today
        self.reads: dict[str, int] = {}

    async def on(self, matter: str) -> bool:
        """True where the matter is open, or of a kind that nobody has said when it closes."""
        match matter.partition(":")[0]:
            case "petition":
                petition = await self._look(PETITIONS, matter)
                if petition is None or not petition.handled:
                    return True
                return petition.clue is not None and await self.on(petition.clue)
            case "clue":
                clue = await self._look(CLUES, matter)
                disposal = await self._look(DISPOSALS, disposal_of(matter))
                early = await self._look(EARLY_TRANSFERS, early_transfer_of(matter))
                went = [way.transfer for way in (disposal, early) if way is not None and way.transfer is not None]
                return clue is None or not went or any([await self.on(transfer) for transfer in went])
            case "problem":
                problem = await self._look(PROBLEMS, matter)
                if problem is None:
                    return True
                open_ = await self._disposal_open(matter)
                return await self.on(problem.report) if open_ is None else open_
            case "disposal":
                disposal = await self._look(DISPOSALS, matter)
                return disposal is None or await self.on(disposal.transfer or disposal.item)
            case "early-transfer":
                early = await self._look(EARLY_TRANSFERS, matter)
                return early is None or await self.on(early.transfer or early.clue)
            case "hearing":
                hearings = await self._look(HEARINGS, matter)
                return hearings is None or await self.on(hearings.inspection)
            case "transfer":
                transfer = await self._look(TRANSFERS, matter)
                return transfer is None or transfer.open
            case "inspection":
                inspection = await self._look(INSPECTIONS, matter)
                return inspection is None or inspection.ended_on is None
            case "recusal":
                recusal = await self._look(RECUSALS, matter)
                return recusal is None or recusal.awaiting
            case "rectification":
                rectification = await self._look(RECTIFICATIONS, matter)
                return rectification is None or not (rectification.report.in_hand and rectification.heads.in_hand)
            case "item":
                item = await self._look(ITEMS, matter)
                return item is None or not item.closed
            case "publication":
                publication = await self._look(PUBLICATIONS, matter)
                if publication is None or publication.approved is None:
                    return True
                return publication.approved and publication.published_on is None
            case "archive":
                archive = await self._look(ARCHIVES, matter)
                return archive is None or archive.closed_on is None
            case "round":
                round_ = await self._look(ROUNDS, matter)
                if round_ is None or not round_.inspections:
                    return True  # nothing has begun, so nothing is closed
                return any([await self.on(inspection) for _, inspection in round_.inspections])
            case "person":
                person = await self._look(PEOPLE, matter)
                return person is None or (
                    any(a.held_on(self._today) for a in person.appointments)
                    or any([await self._mandated(round_, mandate) for round_, mandate in person.mandates])
                )
            case "omission":
                omitted = await self._look(OMISSIONS, matter)
                return omitted is None or await self.on(omitted.clue)
            case "report":
                report = await self._look(REPORTS, matter)
                if report is None or report.submitted_on is None:
                    return True
                # Its words are the problems' own: as long as one of them is being disposed of, they stay readable.
                if any([await self._disposal_open(problem) for problem in report.reported]):
                    return True
                return await self.on(feedback_of(report.last.inspection))
            case "feedback":
                feedback = await self._look(FEEDBACK, matter)
                return feedback is None or not feedback.arrived
            case "key":
                return False  # the reference of an earlier destruction
            case _:
                return True

    async def _disposal_open(self, item: str) -> bool | None:
        """Whether the disposal of an item is under way; None where it was never proposed."""
        disposal = await self._look(DISPOSALS, disposal_of(item))
        if disposal is None:
            return None
        return disposal.transfer is None or await self.on(disposal.transfer)

    async def _mandated(self, round_id: str, mandate_id: str) -> bool:
        """Whether a mandate has not ended yet."""
        round_ = await self._look(ROUNDS, round_id)
        mandate = round_.mandate(mandate_id) if round_ else None
        return mandate is not None and self._today <= mandate.until_on

    async def _look(self, aggregate: Aggregate[S], stream: str) -> S | None:
        state, version = await self._ledger.load(aggregate, stream)
        self.reads.setdefault(stream, version)
        return state
