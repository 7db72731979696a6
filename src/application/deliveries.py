"""Deliveries: made by office, team or organ, acknowledged by each recipient
(Art. 11(4), 11(5), 12(12), 18, 20, 22, 29)."""

from collections.abc import Sequence
from dataclasses import replace

from application.acts import Grounds, Work
from application.authority import demand_not_recused, holds, member, not_recused, of_team, recorded_by_whom_may, serving
from domain import deliveries
from domain.bodies import BODIES
from domain.deliveries import DELIVERIES, AcknowledgeDelivery, Deliver, Delivery, RecordService, Way
from domain.due_dates import DUE_DATES, due_date_of
from domain.duties import RECEIPT
from domain.inspections import INSPECTIONS
from domain.kernel import IllFormed, NotFound
from domain.people import PEOPLE
from domain.rounds import ROUNDS
from domain.rulebook import rules
from domain.rulebook.editions import Occasion
from domain.rulebook.obligations import owed
from domain.rulebook.posts import GROUP_HEADS, OFFICE_POSTS, ORGAN_POSTS, Post, Power
from domain.teams import TEAMS

WORKING = (Power.PREPARATION, Power.ON_SITE, Power.CLOSING)


async def deliver(work: Work, command: Deliver) -> str:
    """Articles 11(4), 11(5), 12(12), 18, 20, 22, 29."""
    await recorded_by_whom_may(work)
    work.known("deliveries", command.occasion, "occasion")
    occasion = work.book.edition.occasion(command.occasion)
    replied_to = await work.read(DELIVERIES, command.reply_to) if command.reply_to else None
    if replied_to and work.act.doer not in replied_to.recipients:
        raise NotFound
    if replied_to is None:  # asked first: without the inquiry there is no round and no team to go on from
        rules.answer_names_its_inquiry.demand(occasion.answers, None, path="reply_to")
    way = await _to(work, command, occasion, replied_to, await _from(work, command, occasion, replied_to))
    delivery = work.new("delivery")
    facts = deliveries.make(
        await work.look(DELIVERIES, delivery),
        delivery,
        command,
        way=way,
        fitting=await _fitting(work, command, occasion, way),
        of_the_unit=await _of_the_units_concerned(work, command, occasion, way),
        replied_to=replied_to,
        answers=occasion.answers,
        service=owed(work.book.edition, work.book.calendar, "service_record", command.delivered_on),
    )
    work.write(delivery, facts)
    return delivery


async def _from(work: Work, command: Deliver, occasion: Occasion, replied_to: Delivery | None) -> Way:
    """Who makes it, with what it is about, as far as the maker may speak of it."""
    sender = await _capacity(work, command, occasion)
    made = Way(round="", sender=sender, to=occasion.to, made_by=work.act.doer, about=command.about)
    match sender:
        case "team":
            return await _from_team(work, command, made, replied_to)
        case "organ":
            body = replied_to.body if replied_to else None
            organ = (await holds(work, "organ", body=body)).body
            if command.about is not None:
                raise NotFound
            inspection = replied_to.inspection if replied_to else None
            team = replied_to.team if replied_to and occasion.to == "team" else None
            if command.team not in (None, team):
                raise NotFound
            about = replied_to.about if replied_to else None
            made = replace(made, organ=organ, inspection=inspection, team=team, about=about)
        case _:
            await holds(work, "office")
            if command.team is not None and occasion.to != "team":
                raise IllFormed("value_ill_formed", "team")
            made = replace(made, team=command.team)
            if command.about is not None and command.about.startswith("inspection:"):
                made = replace(made, inspection=command.about)
    return await _of_its_round(work, command, made, replied_to)


async def _capacity(work: Work, command: Deliver, occasion: Occasion) -> str:
    """In which capacity it is made: the endpoint's; from paper, the one the occasion or the doer's post shows."""
    if work.act.doer == work.act.signer:
        capacity = str(work.act.audience)
        rules.delivery_made_by_who_may.demand((capacity,), occasion.by, path="occasion")
        return capacity
    if len(occasion.by) == 1:
        return occasion.by[0]
    if command.team is not None:
        return "team"
    doer = await work.read(PEOPLE, work.act.doer)
    return "office" if doer.held(work.act.day, OFFICE_POSTS) else "organ"


async def _from_team(work: Work, command: Deliver, made: Way, replied_to: Delivery | None) -> Way:
    """A team's own: about one of its units, by who is at work there; about none, by who is recused from none."""
    if command.team is None:
        raise IllFormed("missing", "team")
    if replied_to and replied_to.to == "team":
        if replied_to.team != command.team:
            raise NotFound
        if replied_to.inspection:
            await member(work, replied_to.inspection, *WORKING, hidden=True)
    if made.about is not None and made.about.startswith("inspection:"):
        _, inspection, mandate = await member(work, made.about, *WORKING)
        if (inspection.team, mandate.team) != (command.team, command.team):
            raise NotFound
        made = replace(made, inspection=made.about)
    else:
        _, team, _ = await of_team(work, command.team, *WORKING)
        await demand_not_recused(work, team, [unit for unit, _ in team.assignments])
    return await _of_its_round(work, command, replace(made, team=command.team), replied_to)


async def _of_its_round(work: Work, command: Deliver, made: Way, replied_to: Delivery | None) -> Way:
    """The round, and the unit an inspection is of. What does not belong together is not found."""
    team = await work.read(TEAMS, made.team) if made.team else None
    inspection = await work.read(INSPECTIONS, made.inspection) if made.inspection else None
    if team and inspection and inspection.team != made.team:
        raise NotFound
    sources = [s.round for s in (replied_to, team, inspection) if s is not None]
    round_ = next(iter((*sources, command.round)))
    if round_ is None:
        raise IllFormed("missing", "round")
    if any(known not in (None, round_) for known in (*sources, command.round)):
        raise NotFound
    await work.read(ROUNDS, round_)
    unit = inspection.unit if inspection else None
    if made.about is not None and made.about.startswith("body:"):
        await work.read(BODIES, made.about)
        unit = made.about
    return replace(made, round=round_, unit=unit)


async def _to(work: Work, command: Deliver, occasion: Occasion, replied_to: Delivery | None, made: Way) -> Way:
    """The body it goes to, where the occasion or the command names one."""
    if occasion.to == "team":
        rules.delivery_names_its_body.demand(made.team, path="team")
        return made
    if occasion.to == "organ":
        body = await work.read(BODIES, command.body) if command.body else None
        classes = occasion.organ_classes or work.book.edition.codes("organ_classes")
        rules.delivery_names_its_body.demand(body is not None and body.organ_class in classes, path="body")
    if made.sender == "organ" and command.body is None:
        raise IllFormed("missing", "body")
    body_id = command.body
    if body_id is None and (posts := _POSTS.get(occasion.to)):
        body_id = await _body_of(work, posts, command.recipients)
    body = await work.read(BODIES, body_id) if body_id else None
    return replace(made, body=body_id, standing=body.standing if body else None)


_POSTS: dict[str, tuple[Post, ...]] = {
    "organ": ORGAN_POSTS,
    "group_heads": GROUP_HEADS,
    "city_leaders": (Post.PARTY_SECRETARY, Post.CITY_LEADER),
}
"""Posts of those an occasion goes to; of other occasions, any post."""


async def _body_of(work: Work, posts: Sequence[Post], recipients: Sequence[str]) -> str | None:
    """The body in which the first recipient holds such a post: the group, or the party committee."""
    for recipient in recipients[:1]:
        held = (await work.read(PEOPLE, recipient)).held(work.act.day, posts)
        return held[0].body if held else None
    return None


async def _fitting(work: Work, command: Deliver, occasion: Occasion, way: Way) -> set[str]:
    """Those of the recipients the occasion may go to."""
    for person in command.recipients:
        await work.read(PEOPLE, person)
    if occasion.to == "team":
        team = await work.read(TEAMS, way.team or "")
        units = [way.unit] if way.inspection and way.unit else [unit for unit, _ in team.assignments]
        return await not_recused(work, team, command.recipients, units)
    if way.body is None:
        return set() if occasion.to in _POSTS else set(command.recipients)
    return await serving(work, way.body, _POSTS.get(occasion.to, tuple(Post)), command.recipients)


async def _of_the_units_concerned(work: Work, command: Deliver, occasion: Occasion, way: Way) -> set[str]:
    """Those of the recipients who serve in a unit it tells of: its own unit, or the units of the team.

    An occasion open to any persons is one for the unit itself, too.
    """
    if occasion.to == "persons":
        return set()
    team = await work.read(TEAMS, way.team) if way.team else None
    units = [way.unit] if way.unit else [unit for unit, _ in team.assignments] if team else []
    return {p for unit in units for p in await serving(work, unit, tuple(Post), command.recipients)}


async def acknowledge_delivery(work: Work, command: AcknowledgeDelivery) -> str:
    """Articles 11(4), 11(5), 18, 22, 29: each recipient for themselves."""
    await recorded_by_whom_may(work)
    delivery = await work.read(DELIVERIES, command.delivery)
    if work.act.doer not in delivery.recipients:
        raise NotFound
    await _still_received(work, command.delivery, delivery)
    work.write(command.delivery, deliveries.acknowledge(delivery, command, received_by=work.act.doer))
    return command.delivery


async def _still_received(work: Work, delivery_id: str, delivery: Delivery) -> None:
    """Demand that the recipient still is what they got it as: of the team, or of the body; else it is not found."""
    act = work.act
    own = act.doer == act.signer
    if delivery.to == "team":
        if delivery.inspection:
            await member(work, delivery.inspection, *WORKING, hidden=True)
            return
        _, team, _ = await of_team(work, delivery.team or "", *WORKING)
        await demand_not_recused(work, team, [unit for unit, _ in team.assignments])
        return
    capacity = "organ" if delivery.to == "organ" and act.audience == "organ" else "addressee"
    if own and act.audience != capacity:
        raise NotFound
    if delivery.body is None:
        work.grounds = Grounds("addressee", delivery_id)
        return
    posts = ORGAN_POSTS if capacity == "organ" else tuple(Post)
    person = await work.read(PEOPLE, act.doer)
    days = (act.day, act.today) if own else (act.day,)
    held = [[a for a in person.held(day, posts) if a.body == delivery.body] for day in days]
    if not all(held):
        raise NotFound(rules.holds_the_post)
    work.grounds = Grounds("organ" if capacity == "organ" else "addressee", held[0][0].id)


async def record_service(work: Work, command: RecordService) -> str:
    """Articles 11(4), 20, 22: of what the office sees."""
    await holds(work, "office")
    delivery = await work.read(DELIVERIES, command.delivery)
    if not delivery.of_the_office:
        raise NotFound
    moved = await work.look(DUE_DATES, due_date_of(command.delivery, RECEIPT))
    moved_to = moved.moves[-1].count.due if moved else None
    facts = deliveries.record_service(delivery, command, moved_to=moved_to)
    work.write(command.delivery, facts)
    return command.delivery
