"""Rectification: planned and carried out by the unit, reported within the month, checked item by item (Art. 19, 20)."""

from application.acts import Work
from application.authority import clear_of, decides, holds, member, recorded_by_whom_may, serving
from application.keeping import body_of
from domain import items, rectifications
from domain.items import (
    ITEMS,
    AskItemExtension,
    CheckItem,
    DecideItemExtension,
    Item,
    LinkEarlierProblem,
    Matter,
    PlanItem,
    UpdateItem,
)
from domain.kernel import NotFound, Refused
from domain.people import PEOPLE
from domain.rectifications import (
    RECTIFICATIONS,
    Rectification,
    ReturnReport,
    SubmitHeadsReport,
    SubmitRectificationReport,
    rectification_of,
)
from domain.rulebook import rules
from domain.rulebook.posts import OFFICE_POSTS, UNIT_POSTS, Post, Power, Standing


async def plan_item(work: Work, command: PlanItem) -> str:
    """Article 19."""
    rectification = await _of_the_unit(work, command.inspection)
    item = await _item(work, rectification, command.item)
    of_the_unit = await serving(work, rectification.unit, UNIT_POSTS, [command.responsible])
    facts = items.plan(item, command, matter=_matter(rectification), of_the_unit=of_the_unit)
    work.write(command.item, facts)
    return command.item


async def update_item(work: Work, command: UpdateItem) -> str:
    """Article 19."""
    rectification = await _of_the_unit(work, command.inspection)
    item = await _item(work, rectification, command.item)
    work.write(command.item, items.update(item, command, matter=_matter(rectification)))
    return command.item


async def ask_item_extension(work: Work, command: AskItemExtension) -> str:
    """Article 19 (c): of one item; the month for the reports has no such command."""
    rectification = await _of_the_unit(work, command.inspection)
    item = await _item(work, rectification, command.item)
    work.write(command.item, items.ask_extension(item, command, matter=_matter(rectification)))
    return command.item


async def decide_item_extension(work: Work, command: DecideItemExtension) -> str:
    """Article 19 (c)."""
    await decides(work, "rectification_item_extension", rule=rules.extension_decided_by_who_may)
    rectification = await work.read(RECTIFICATIONS, rectification_of(command.inspection))
    await clear_of(work, rectification.unit, ())
    item = await _item(work, rectification, command.item)
    work.write(command.item, items.decide_extension(item, command, matter=_matter(rectification)))
    return command.item


async def submit_rectification_report(work: Work, command: SubmitRectificationReport) -> str:
    """Article 19."""
    rectification = await _of_the_unit(work, command.inspection)
    of_the_office = await serving(work, body_of(Standing.OFFICE), OFFICE_POSTS, command.recipients)
    facts = rectifications.submit_report(rectification, command, of_the_office=of_the_office)
    work.write(rectification_of(command.inspection), facts)
    return command.inspection


async def submit_heads_report(work: Work, command: SubmitHeadsReport) -> str:
    """Article 19: signed by the head of the unit in person."""
    rectification = await _of_the_unit(work, command.inspection)
    try:
        await holds(work, "unit", (Post.UNIT_HEAD,), body=rectification.unit, rule=rules.heads_report_by_the_head)
    except NotFound:  # of the unit, as just seen, but not its head: the rule may be named
        raise Refused(rules.heads_report_by_the_head) from None
    of_the_office = await serving(work, body_of(Standing.OFFICE), OFFICE_POSTS, command.recipients)
    facts = rectifications.submit_report(rectification, command, of_the_office=of_the_office)
    work.write(rectification_of(command.inspection), facts)
    return command.inspection


async def return_report(work: Work, command: ReturnReport) -> str:
    """Articles 19, 20."""
    await holds(work, "office")
    rectification = await work.read(RECTIFICATIONS, rectification_of(command.inspection))
    await clear_of(work, rectification.unit, ())
    work.write(rectification_of(command.inspection), rectifications.return_report(rectification, command))
    return command.inspection


async def check_item(work: Work, command: CheckItem) -> str:
    """Article 20: by the office, or by somebody of the team with a mandate to supervise this unit."""
    rectification = await _supervised(work, command.inspection)
    item = await _item(work, rectification, command.item)
    work.write(command.item, items.check(item, command, matter=_matter(rectification)))
    return command.item


async def link_earlier_problem(work: Work, command: LinkEarlierProblem) -> str:
    """Article 20."""
    rectification = await _supervised(work, command.inspection)
    item = await _item(work, rectification, command.item)
    before = await work.read(RECTIFICATIONS, rectification_of(command.earlier_inspection))
    if command.earlier not in before.items or (work.act.audience == "team" and before.unit != rectification.unit):
        raise NotFound(rules.earlier_problem_of_the_same_unit)  # a team knows of no other unit's items
    facts = items.link(item, command, matter=_matter(rectification), earlier=_matter(before))
    work.write(command.item, facts)
    return command.item


async def _of_the_unit(work: Work, inspection_id: str) -> Rectification:
    """The rectification, for an act of its unit. Until the feedback was received there is none."""
    await recorded_by_whom_may(work)
    rectification = await work.read(RECTIFICATIONS, rectification_of(inspection_id))
    await holds(work, "unit", body=rectification.unit)
    return rectification


async def _supervised(work: Work, inspection_id: str) -> Rectification:
    """The rectification, for whoever may check it."""
    if not await for_the_office(work):
        await member(work, inspection_id, Power.SUPERVISION)
    rectification = await work.read(RECTIFICATIONS, rectification_of(inspection_id))
    await clear_of(work, rectification.unit, ())
    return rectification


async def for_the_office(work: Work) -> bool:
    """Whether this is an act of the office itself, demanding a post there; if not, it is one of a team.

    Whose act it is when the office enters one from paper follows from the doer's posts on that day.
    """
    await recorded_by_whom_may(work)
    act = work.act
    if act.audience != "office":
        return False
    if act.doer != act.signer and not (await work.read(PEOPLE, act.doer)).held(act.day, OFFICE_POSTS):
        return False
    await holds(work, "office")
    return True


async def _item(work: Work, rectification: Rectification, item_id: str) -> Item:
    """An item of this rectification, as it stands. Raises NotFound for any other."""
    if item_id not in rectification.items:
        raise NotFound
    return await work.look(ITEMS, item_id) or Item()


def _matter(rectification: Rectification) -> Matter:
    return Matter(rectification.round, rectification.unit, rectification.received_on)
