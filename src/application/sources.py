"""What an act cites of what lies behind an inspection: petitions and clues, for whoever may know of them (Art. 13)."""

from collections.abc import Sequence

from application.acts import Work
from application.clues import clue_seen
from domain.kernel import NotFound
from domain.petitions import PETITIONS
from domain.rulebook import rules


async def sources_of(work: Work, inspection: str, petitions: Sequence[str], clues: Sequence[str]) -> tuple[str, ...]:
    """The persons these clues concern. Raises NotFound where one is not of this inspection, or concerns the doer.

    For an act of the leader or the deputy leader, who may know of every petition and clue of their unit.
    """
    concerned: set[str] = set()
    for petition in dict.fromkeys(petitions):
        if (await work.read(PETITIONS, petition)).inspection != inspection:
            raise NotFound(rules.clue_from_petitions_of_this_inspection)
    for clue_id in dict.fromkeys(clues):
        clue = await clue_seen(work, clue_id)
        if clue.inspection != inspection:
            raise NotFound(rules.clue_from_petitions_of_this_inspection)
        concerned |= {*clue.concerned}
    return tuple(sorted(concerned))
