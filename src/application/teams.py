"""The team affairs meeting: what it discussed, who was there, none recused from what it spoke of (Art. 7)."""

from typing import Any, NamedTuple

from application.acts import Work
from application.authority import at_work, member, not_recused, of_team
from application.clues import clue_seen
from domain import teams
from domain.activities import ACTIVITIES
from domain.documents import DOCUMENT_REQUESTS
from domain.inquiries import INQUIRIES
from domain.kernel import Aggregate, NotFound, derived_id
from domain.petitions import PETITIONS
from domain.rulebook import rules
from domain.rulebook.posts import Duty, Power
from domain.suggestions import SUGGESTIONS
from domain.teams import HoldMeeting, ItemPlace, Team

BEHIND: dict[str, Aggregate[Any]] = {
    "petition": PETITIONS,
    "activity": ACTIVITIES,
    "document-request": DOCUMENT_REQUESTS,
    "inquiry": INQUIRIES,
    "suggestion": SUGGESTIONS,
}
"""What a meeting can speak of that lies behind an inspection, beside clues: to who has no access there it does not
exist."""

WORKING = (Power.ON_SITE, Power.CLOSING)


class _About(NamedTuple):
    """Where the thing an item is about belongs, and whom it concerns."""

    inspection: str
    concerned: tuple[str, ...] = ()
    hidden: bool = False


async def hold_meeting(work: Work, command: HoldMeeting) -> str:
    """Articles 7, 23: whoever is recused from a unit the meeting speaks of is not at it."""
    held = await of_team(work, command.team, Power.PREPARATION, *WORKING, duty=Duty.LEADER)
    grounds, meeting = work.grounds, work.new("meeting")
    may_attend = await not_recused(work, held.team, command.attendees, ())
    places = []
    for number, item in enumerate(command.items, start=1):
        if item.about is not None:
            place, hear = await _place(work, held.team, number, item.about, command.attendees)
            places.append(place)
            may_attend &= hear
    work.grounds = grounds
    facts = teams.hold_meeting(
        held.team,
        meeting,
        command,
        doer=work.act.doer,
        duty=held.mandate.duty,
        kinds=work.book.edition.codes("meeting_items"),
        places=tuple(places),
        may_attend=may_attend,
        of_the_team=await not_recused(work, held.team, command.absentees, ()),
    )
    work.write(command.team, facts)
    return meeting


async def _place(
    work: Work, team: Team, number: int, about: str, attendees: tuple[str, ...]
) -> tuple[ItemPlace, set[str]]:
    """The unit an item is about, and who of the attendees may hear of it. Raises NotFound where it is not the team's,
    or not for the doer's eyes."""
    found = await _about(work, team, about)
    unit = next((unit for unit, inspection in team.assignments if inspection == found.inspection), None)
    if unit is None or {work.act.signer, work.act.doer} & {*found.concerned}:
        raise NotFound(rules.meeting_of_the_team)
    powers = WORKING if found.hidden else (Power.PREPARATION, *WORKING)
    where = await member(work, found.inspection, *powers, duty=Duty.LEADER, hidden=True)
    hear = (
        await at_work(work, where, attendees, *powers)
        if found.hidden
        else await not_recused(work, team, attendees, (unit,))
    )
    place = ItemPlace(item=number, inspection=found.inspection, unit=unit, withheld_from=found.concerned)
    return place, hear - {*found.concerned}


async def _about(work: Work, team: Team, about: str) -> _About:
    for _, inspection in team.assignments:
        if about in (inspection, derived_id("report", inspection)):
            return _About(inspection)
    kind = about.partition(":")[0]
    state = await clue_seen(work, about) if kind == "clue" else await _behind(work, kind, about)
    return _About(state.inspection, getattr(state, "concerned", ()), hidden=True)


async def _behind(work: Work, kind: str, about: str) -> Any:
    if kind not in BEHIND:
        raise NotFound
    return await work.read(BEHIND[kind], about)
