"""Handling suggestions: proposed by the leader, approved, made to the unit, answered by it (Art. 15)."""

from application.acts import Work
from application.authority import concerned_in, decides, holds, member, recorded_by_whom_may, serving
from application.sources import sources_of
from domain import suggestions
from domain.inspections import INSPECTIONS
from domain.kernel import NotFound
from domain.rounds import ROUNDS
from domain.rulebook import rules
from domain.rulebook.posts import UNIT_POSTS, Duty, Power
from domain.suggestions import (
    SUGGESTIONS,
    AnswerSuggestion,
    DecideSuggestion,
    MakeSuggestion,
    ProposeSuggestion,
    Suggestion,
)


async def propose_suggestion(work: Work, command: ProposeSuggestion) -> str:
    """Articles 6(3), 15."""
    _, inspection, mandate = await member(work, command.inspection, Power.ON_SITE, duty=Duty.LEADER)
    rules.suggestion_signed_by_the_leader.demand(mandate.duty)
    suggestion = work.new("suggestion")
    facts = suggestions.propose(
        await work.look(SUGGESTIONS, suggestion),
        suggestion,
        command,
        round_=inspection.round,
        unit=inspection.unit,
        entered_on=inspection.entered_on,
        ended_on=inspection.ended_on,
        duty=mandate.duty,
        concerned=await sources_of(work, command.inspection, command.petitions, command.clues),
    )
    work.write(suggestion, facts)
    return suggestion


async def decide_suggestion(work: Work, command: DecideSuggestion) -> str:
    """Article 15: by the body the edition names, and nobody of the unit or the team."""
    await decides(work, "handling_suggestion", rule=rules.suggestion_decided_by_who_may)
    suggestion = await work.read(SUGGESTIONS, command.suggestion)
    for person in {work.act.signer, work.act.doer}:
        if await _takes_part(work, suggestion, person):
            raise NotFound(rules.decided_without_the_concerned)
    inspection = await work.read(INSPECTIONS, suggestion.inspection)
    facts = suggestions.decide(suggestion, command, entered_on=inspection.entered_on, ended_on=inspection.ended_on)
    work.write(command.suggestion, facts)
    return command.suggestion


async def make_suggestion(work: Work, command: MakeSuggestion) -> str:
    """Articles 6(3), 15: in the words that were approved."""
    await recorded_by_whom_may(work)
    suggestion = await work.read(SUGGESTIONS, command.suggestion)
    where = await member(work, suggestion.inspection, Power.ON_SITE, duty=Duty.LEADER, hidden=True)
    inspection, duty = where.inspection, where.mandate.duty
    concerned = {work.act.signer, work.act.doer} & {*suggestion.concerned}
    if duty not in (Duty.LEADER, Duty.DEPUTY_LEADER) or concerned:
        raise NotFound(rules.suggestion_signed_by_the_leader)
    facts = suggestions.make(
        suggestion,
        command,
        text=await work.copy(suggestion.text),
        entered_on=inspection.entered_on,
        ended_on=inspection.ended_on,
        duty=duty,
        of_the_unit=await serving(work, inspection.unit, UNIT_POSTS, command.recipients),
    )
    work.write(command.suggestion, facts)
    return command.suggestion


async def answer_suggestion(work: Work, command: AnswerSuggestion) -> str:
    """Article 15. Until it is made the unit cannot know that there is one."""
    await recorded_by_whom_may(work)
    suggestion = await work.read(SUGGESTIONS, command.suggestion)
    await holds(work, "unit", body=suggestion.unit)
    if suggestion.made_on is None and work.act.audience == "unit":
        raise NotFound(rules.suggestion_made_before_answered)
    work.write(command.suggestion, suggestions.answer(suggestion, command, answered_by=work.act.doer))
    return command.suggestion


async def _takes_part(work: Work, suggestion: Suggestion, person_id: str) -> bool:
    """Whether a suggestion concerns somebody: it is about them, their team's, or for the unit they serve in."""
    round_ = await work.read(ROUNDS, suggestion.round)
    concerned = await concerned_in(work, person_id, suggestion.unit, suggestion.concerned)
    return concerned or bool(round_.mandates_of(person_id, suggestion.unit))
