"""Who may do what, read from the ledger at the moment of asking (Art. 3 to 6, 23).

The doer's authority is judged on the day the thing happened, the recorder's at the moment of recording: whoever
records an act of their own must therefore hold it on both days, and whoever enters another's act from paper must be
of the office when entering it.
"""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from datetime import date
from typing import NamedTuple

from application.acts import Act, Capacity, Grounds, Work
from application.ledger import Ledger
from domain.archives import ARCHIVES, FILE_REGISTER, FILE_REGISTERS, archive_of, file_of
from domain.bodies import BODIES, Body
from domain.feedback import FEEDBACK, feedback_of
from domain.inspections import INSPECTIONS, Inspection
from domain.kernel import NotFound, Refused, Rule
from domain.people import PEOPLE, SIGN_INS, Appointment, Person
from domain.recusals import RECUSALS, recusal_of
from domain.rounds import ROUNDS, Mandate, Round
from domain.rulebook import rules
from domain.rulebook.editions import Edition
from domain.rulebook.posts import (
    DECIDERS,
    DIRECT_REPORT_POSTS,
    GROUP_POSTS,
    OFFICE_POSTS,
    ORGAN_POSTS,
    UNIT_POSTS,
    Duty,
    Post,
    Power,
    Standing,
    power_lives,
)
from domain.teams import TEAMS, Team

CAPACITY_POSTS: dict[Capacity, tuple[Post, ...]] = {
    "office": OFFICE_POSTS,
    "leading_group": (*GROUP_POSTS, Post.PARTY_SECRETARY),
    "unit": UNIT_POSTS,
    "organ": ORGAN_POSTS,
}


async def person_of(ledger: Ledger, sign_in: str) -> str | None:
    """The person a sign-in acts as, or None."""
    found, _ = await ledger.load(SIGN_INS, sign_in)
    return found.person if found else None


def sign_in_of(ledger: Ledger, issuer: str, subject: str) -> str:
    """The stream of a sign-in: neither issuer nor subject can be read from it."""
    digest = ledger.keys.sign_in_digest(f"{issuer}\n{subject}".encode())
    return f"sign-in:{digest[:8]}-{digest[8:12]}-{digest[12:16]}-{digest[16:20]}-{digest[20:32]}"


async def holds(
    work: Work,
    capacity: Capacity,
    posts: Sequence[Post] | None = None,
    *,
    body: str | None = None,
    rule: Rule = rules.holds_the_post,
) -> Appointment:
    """Demand that the doer held such a post (in this body) on the day; it becomes the grounds of the act.

    Raises NotFound where a body is named and the signer has no part in it: whose it is stays hidden. Raises Refused
    where the doer's post does not bear this act.
    """
    await recorded_by_whom_may(work)
    act = work.act
    person = await work.read(PEOPLE, act.doer)
    wanted = tuple(posts or CAPACITY_POSTS[capacity])
    held = [person.held(day, wanted) for day in judged_on(act)]
    if body is not None:
        standing = [await standing_for(work, body, day) for day in judged_on(act)]
        held = [[a for a in each if a.body in bodies] for each, bodies in zip(held, standing, strict=True)]
    if not all(held) or (own(act) and act.audience != capacity):
        if body is not None and own(act):
            raise NotFound(rule)
        raise Refused(rule)
    work.grounds = Grounds(capacity, held[0][0].id)
    return held[0][0]


async def entered_by_the_director(work: Work) -> None:
    """Demand that whoever records is the office's director or deputy today: for what gives somebody access."""
    recorder = await work.read(PEOPLE, work.act.signer)
    held = recorder.held(work.act.today, DECIDERS[Standing.OFFICE])
    rules.authority_entered_by_the_director.demand([a.post for a in held], DECIDERS[Standing.OFFICE])


async def decides(work: Work, act: str, *, rule: Rule) -> Standing:
    """Demand that the doer speaks for the body the edition names for this act (its `approvals`); returns the body."""
    body = Standing(work.book.edition.approver(act))
    await holds(work, "office" if body is Standing.OFFICE else "leading_group", DECIDERS[body], rule=rule)
    return body


async def of_organ_class(work: Work, classes: Sequence[str], *, rule: Rule) -> Appointment:
    """Demand that the doer held a post in an organ of one of these classes; it becomes the grounds of the act."""
    await recorded_by_whom_may(work)
    act = work.act
    person = await work.read(PEOPLE, act.doer)
    bodies = {a.body for a in person.appointments if a.post in ORGAN_POSTS}
    fitting = {body for body in bodies if (await work.read(BODIES, body)).organ_class in classes}
    held = [[a for a in person.held(day, ORGAN_POSTS) if a.body in fitting] for day in judged_on(act)]
    if not all(held) or (own(act) and act.audience != "organ"):
        raise Refused(rule)
    work.grounds = Grounds("organ", held[0][0].id)
    return held[0][0]


def own(act: Act) -> bool:
    """Whether the signer did it; if not, the office enters it from paper."""
    return act.doer == act.signer


def judged_on(act: Act) -> tuple[date, ...]:
    """The days the doer must hold the authority: when it happened, and, for one's own act, when it is recorded.

    Else a mandate that has ended could still be used, by giving a day on which it lived.
    """
    return (act.day, act.today) if own(act) else (act.day,)


async def recorded_by_whom_may(work: Work) -> None:
    """Demand that another's act is entered by the office. It comes before anything is looked up: who may not enter
    it gets one answer, whatever there is."""
    if own(work.act):
        return
    recorder = await work.read(PEOPLE, work.act.signer)
    held = recorder.held(work.act.today, OFFICE_POSTS)
    rules.holds_the_post.demand([a.post for a in held], OFFICE_POSTS)
    work.recorded_under = held[0].id


class Member(NamedTuple):
    """Somebody of a team, at work at one unit."""

    round: Round
    inspection: Inspection
    mandate: Mandate


async def member(
    work: Work,
    inspection_id: str,
    *powers: Power,
    duty: Duty | None = None,
    hidden: bool = False,
    any_time: bool = False,
) -> Member:
    """Demand a live mandate of the doer that covers this unit, one of the powers and the moment, and no recusal
    (Art. 5, 23).

    Of several such mandates it is the one with this `duty` that counts, else the one with the highest. Recusal is
    judged, like the mandate, on the day of the act.

    The rule is named to whoever sees the inspection today: the office, and who has a live mandate there and is not
    recused. To everybody else it is NOT_FOUND. `hidden` is for what lies behind the inspection (petitions, clues):
    whoever has no access gets NOT_FOUND, so that not even its existence shows. `any_time` asks for the mandate only,
    not for a power in its period.
    """
    await recorded_by_whom_may(work)
    act, days = work.act, judged_on(work.act)
    inspection = await work.read(INSPECTIONS, inspection_id)
    round_ = await work.read(ROUNDS, inspection.round)
    feedback = await work.look(FEEDBACK, feedback_of(inspection_id))
    feedback_on = feedback.given_on if feedback else None
    archive = await work.look(ARCHIVES, archive_of(inspection.round))
    handed_over_on = archive.handed_over_on(inspection.team) if archive else None
    recusal = await work.look(RECUSALS, recusal_of(inspection.round, inspection.unit, act.doer))
    recused = recusal is not None and any(recusal.upheld_by(day) for day in days)
    ever = round_.mandates_of(act.doer, inspection.unit)
    seen = not own(act) or (not recused and any(m.lives_on(act.today) for m in ever))

    def demand(rule: Rule, *values: object) -> None:
        if not rule.holds(*values):
            raise Refused(rule) if seen and not hidden else NotFound(rule)

    if own(act) and act.audience != "team":
        raise NotFound(rules.mandate_live)
    live = [m for m in ever if all(m.lives_on(day) for day in days)]
    demand(rules.mandate_live, bool(live))
    if any_time:
        work.grounds = Grounds("team", live[0].id)
        return Member(round_, inspection, live[0])
    demand(rules.not_recused, recused)
    declared = recusal is not None and all(recusal.declared_by(day) for day in days)
    if Power.PREPARATION not in powers:
        demand(rules.recusal_declared_first, declared)
    granted = [(m, power) for m in live for power in powers if power in m.powers]
    demand(rules.mandate_live, bool(granted))
    periods = {power: work.book.edition.power(power) for power in powers}
    in_period = [
        (m, power)
        for m, power in granted
        if all(
            power_lives(
                periods[power],
                day,
                inspection.entered_on,
                inspection.ended_on,
                feedback_on=feedback_on,
                handed_over_on=handed_over_on,
            )
            for day in days
        )
    ]
    demand(rules.within_the_power, bool(in_period))
    in_period = [(m, power) for m, power in in_period if power is Power.PREPARATION or declared]
    demand(rules.recusal_declared_first, bool(in_period))
    mandate, power = min(in_period, key=lambda held: (held[0].duty is not duty, _RANK[held[0].duty]))
    work.grounds = Grounds("team", mandate.id, power)
    return Member(round_, inspection, mandate)


_RANK = {Duty.LEADER: 0, Duty.DEPUTY_LEADER: 1, Duty.REGISTRAR: 2, Duty.MEMBER: 3}


class TeamMember(NamedTuple):
    """Somebody of a team, in what the team does as a whole."""

    round: Round
    team: Team
    mandate: Mandate


async def of_team(work: Work, team_id: str, *powers: Power, duty: Duty | None = None) -> TeamMember:
    """Demand a live mandate of the doer in this team with one of the powers (Art. 5); else NOT_FOUND.

    What a team does as a whole rests on no unit: powers are not asked for their periods at one.
    """
    await recorded_by_whom_may(work)
    act, days = work.act, judged_on(work.act)
    team = await work.read(TEAMS, team_id)
    round_ = await work.read(ROUNDS, team.round)
    ever = [m for m in round_.mandates if m.person == act.doer and m.team == team_id]
    live = [m for m in ever if all(m.lives_on(day) for day in days) and m.powers & {*powers}]
    if not live or (own(act) and act.audience != "team"):
        raise NotFound(rules.mandate_live) if own(act) else Refused(rules.mandate_live)
    mandate = min(live, key=lambda m: (m.duty is not duty, _RANK[m.duty]))
    work.grounds = Grounds("team", mandate.id, next(p for p in powers if p in mandate.powers))
    return TeamMember(round_, team, mandate)


async def not_recused(work: Work, team: Team, persons: Sequence[str], units: Sequence[str]) -> set[str]:
    """Those of these persons who had a live mandate in a team on the day of the act and were not recused from any of
    these units by then (Art. 5, 23)."""
    round_ = await work.read(ROUNDS, team.round)
    found = set()
    for person in persons:
        live = any(
            m.person == person and m.lives_on(work.act.day) and m.units & {u for u, _ in team.assignments}
            for m in round_.mandates
        )
        recusals = [await work.look(RECUSALS, recusal_of(team.round, unit, person)) for unit in units]
        if live and not any(r is not None and r.upheld_by(work.act.day) for r in recusals):
            found.add(person)
    return found


async def at_work(work: Work, where: Member, persons: Sequence[str], *powers: Power) -> set[str]:
    """Those of these persons who had a live mandate at a unit on the day of the act with one of the powers, had
    declared themselves and were not recused by then (Art. 5, 23)."""
    unit, day, found = where.inspection.unit, work.act.day, set()
    for person in dict.fromkeys(persons):
        live = any(m.lives_on(day) and m.powers & {*powers} for m in where.round.mandates_of(person, unit))
        recusal = await work.look(RECUSALS, recusal_of(where.inspection.round, unit, person))
        if live and recusal is not None and recusal.declared_by(day) and not recusal.upheld_by(day):
            found.add(person)
    return found


async def demand_not_recused(work: Work, team: Team, units: Sequence[str]) -> None:
    """Demand that the doer, somebody of the team, is recused from none of these units (Art. 23); else NOT_FOUND."""
    if not await not_recused(work, team, [work.act.doer], units):
        raise NotFound(rules.not_recused) if own(work.act) else Refused(rules.not_recused)


async def serving(work: Work, body: str, posts: Sequence[Post], persons: Sequence[str]) -> set[str]:
    """Those of these persons who held such a post in a body on the day of the act."""
    return await holding(work, posts, persons, body=body)


async def holding(work: Work, posts: Sequence[Post], persons: Sequence[str], *, body: str | None = None) -> set[str]:
    """Those of these persons who held such a post on the day of the act, in this body or in any."""
    held = {p: (await work.read(PEOPLE, p)).held(work.act.day, posts) for p in persons}
    if body is None:
        return {p for p, posts_held in held.items() if posts_held}
    bodies = await standing_for(work, body)
    return {p for p, posts_held in held.items() if any(a.body in bodies for a in posts_held)}


async def serving_in_unit(work: Work, unit: str, persons: Iterable[str]) -> set[str]:
    """Those of these persons who hold any post in a unit, or in a body that succeeded it, on the day of the act or
    today (Art. 3 (c)): whoever does is concerned, whichever day the act is said to be of."""
    found = set()
    for day in {work.act.day, work.act.today}:
        bodies = await standing_for(work, unit, day)
        for person_id in persons:
            person = await work.read(PEOPLE, person_id)
            if any(a.held_on(day) and a.body in bodies for a in person.appointments):
                found.add(person_id)
    return found


async def of_the_organ(work: Work, organ: str, persons: Sequence[str], *, past: str) -> set[str]:
    """Those of these persons who serve in an organ on the day of the act, and not in the unit it is kept from."""
    return await serving(work, organ, ORGAN_POSTS, persons) - await serving_in_unit(work, past, persons)


async def standing_for(work: Work, body: str, day: date | None = None) -> set[str]:
    """A body, and whoever succeeded it by a day, by default that of the act, and them in turn (Art. 8)."""
    found, ahead = {body}, [body]
    while ahead:
        state = await work.read(BODIES, ahead.pop())
        new = {*state.succeeded_by(day or work.act.day)} - found
        found |= new
        ahead += new
    return found


Look = Callable[[str], Awaitable[Body | None]]
"""How a body is found: in a command through its `Work`, so that what was read is watched (ADR 16)."""


async def predecessors_of(look: Look, bodies: Iterable[str], day: date | None = None) -> set[str]:
    """The bodies these stand for on a day, or ever: those they succeeded, and those in turn (Art. 8)."""
    found: set[str] = set()
    ahead = [*bodies]
    while ahead:
        state = await look(ahead.pop())
        before = () if state is None else state.succeeds_by(day or date.max)
        new = {*before} - found
        found |= new
        ahead += new
    return found


async def kin_of(work: Work, body: str) -> set[str]:
    """A body, and all that succeeded it or were succeeded by it, whenever (Art. 8)."""
    return await standing_for(work, body, date.max) | await predecessors_of(looking(work), [body])


async def demand_not_of_the_unit(work: Work, organ: str, unit: str, *, rule: Rule) -> None:
    """Demand that what concerns a unit does not go to the unit, nor to who succeeded it or whom it succeeded."""
    for body in sorted(await kin_of(work, unit)):
        rule.demand(organ, body, path="organ")


def looking(work: Work) -> Look:
    """Bodies as a command reads them."""
    return lambda body: work.look(BODIES, body)


async def clear_of(work: Work, unit: str, concerned: Sequence[str]) -> None:
    """Raise NotFound where doer or signer is one of these persons, or holds a post in the unit, on the day of the act
    or today: to them the matter does not exist (Art. 3, 23 (c)). Rows are withheld from the same."""
    for person_id in dict.fromkeys((work.act.doer, work.act.signer)):
        if await concerned_in(work, person_id, unit, concerned):
            raise NotFound(rules.decided_without_the_concerned)


async def concerned_in(work: Work, person_id: str, unit: str, concerned: Sequence[str]) -> bool:
    """Whether a person is one of these, or serves in the unit or in what succeeded it, that day or today."""
    return person_id in concerned or bool(await serving_in_unit(work, unit, [person_id]))


# --- what a signed-in person may see now -----------------------------------------------------------------------


class Sight(NamedTuple):
    """A signed-in person's identities in one capacity: rows name those who may read them, and match or do not."""

    person: str
    capacity: Capacity
    identities: tuple[str, ...]
    concerned: tuple[str, ...] = ()
    """The person, every body where they hold a post, every body it succeeded: rows withheld from these do not show."""
    mandates: tuple[Mandate, ...] = ()


async def sees(ledger: Ledger, person_id: str, capacity: Capacity, today: date, edition: Edition) -> Sight:
    """The identities this person has today in this capacity; none, where no post or mandate gives any.

    Today's authority applies to yesterday's data as well.
    """
    person, _ = await ledger.load(PEOPLE, person_id)
    if person is None:
        return Sight(person_id, capacity, ())
    if capacity == "team":
        return await _team_view(ledger, person_id, person, today, edition)
    look = _looking_now(ledger)
    concerned = await _concerns(look, person_id, person, today)
    if capacity == "addressee":
        as_what = {f"{person_id}/{a.body}" for a in person.appointments if a.held_on(today)}
        return Sight(person_id, capacity, tuple(sorted({person_id} | as_what)), concerned)
    held = person.held(today, CAPACITY_POSTS[capacity])
    if not held:
        return Sight(person_id, capacity, ())
    identities = {person_id}
    match capacity:
        case "office":
            files, _ = await ledger.load(FILE_REGISTERS, FILE_REGISTER)
            identities |= {"office", *map(file_of, files or ())}
        case "leading_group":
            identities.add("group")
            if any(a.post is not Post.GROUP_MEMBER for a in held):  # the heads, and the party secretary
                identities.add("group-heads")
            if person.held(today, DIRECT_REPORT_POSTS):
                identities.add(f"{person_id}/direct")
        case "unit" | "organ":
            bodies = {a.body for a in held}
            identities |= bodies | await predecessors_of(look, bodies, today)
            if capacity == "organ":
                identities |= {f"{person_id}/{body}" for body in bodies}
    return Sight(person_id, capacity, tuple(sorted(identities)), concerned)


def _looking_now(ledger: Ledger) -> Look:
    """Bodies as they are now, each asked for once: every request begins with this."""
    known: dict[str, Body | None] = {}

    async def look(body: str) -> Body | None:
        if body not in known:
            known[body], _ = await ledger.load(BODIES, body)
        return known[body]

    return look


async def _concerns(look: Look, person_id: str, person: Person, today: date) -> tuple[str, ...]:
    bodies = {a.body for a in person.appointments if a.held_on(today)}
    return (person_id, *sorted(bodies | await predecessors_of(look, bodies, today)))


async def _team_view(ledger: Ledger, person_id: str, person: Person, today: date, edition: Edition) -> Sight:
    identities: set[str] = {f"acts:{person_id}"} if person.mandates else set()
    as_a_whole: set[str] = set()
    recused_in: set[str] = set()
    live: list[Mandate] = []
    for round_id in dict.fromkeys(round_id for round_id, _ in person.mandates):
        round_, _ = await ledger.load(ROUNDS, round_id)
        archive, _ = await ledger.load(ARCHIVES, archive_of(round_id))
        for m in round_.mandates if round_ else ():
            if m.person != person_id or not m.lives_on(today):
                continue
            live.append(m)
            identities |= {"team", person_id, f"{m.team}/own/{m.duty}", f"{m.team}/own/{person_id}"}
            for unit in sorted(m.units):
                inspection_id = round_.inspection_of(unit) if round_ else None
                recusal, _ = await ledger.load(RECUSALS, recusal_of(round_id, unit, person_id))
                if recusal is not None and recusal.upheld:
                    recused_in.add(m.team)
                    continue
                if inspection_id is None:
                    continue
                inspection, _ = await ledger.load(INSPECTIONS, inspection_id)
                identities.add(inspection_id)
                entered, ended = (inspection.entered_on, inspection.ended_on) if inspection else (None, None)
                feedback, _ = await ledger.load(FEEDBACK, feedback_of(inspection_id))
                given = feedback.given_on if feedback else None
                for power in m.powers:
                    if power is not Power.PREPARATION and (recusal is None or not recusal.declared):
                        continue  # not declared yet: no access behind the inspection itself
                    handed_over = archive.handed_over_on(m.team) if archive else None
                    lives = power_lives(
                        edition.power(power), today, entered, ended, feedback_on=given, handed_over_on=handed_over
                    )
                    if lives:
                        identities.add(f"{inspection_id}/{power}/{m.duty}")
                        identities.add(f"{inspection_id}/{power}/{person_id}")
            as_a_whole |= {f"{m.team}/{m.duty}", f"{m.team}/{person_id}"}
    # What a team does as a whole may speak of any of its units: whoever is recused from one has no part in it.
    identities |= {i for i in as_a_whole if i.partition("/")[0] not in recused_in}
    concerned = await _concerns(_looking_now(ledger), person_id, person, today)
    return Sight(person_id, "team", tuple(sorted(identities)), concerned, tuple(live))
