"""Notice, receipt, announcement, entry and end at one unit (Art. 11(6), 11(7), 12, 16)."""

from application.acts import Work
from application.authority import holds, member, recorded_by_whom_may, serving
from domain import inspections
from domain.inspections import (
    INSPECTIONS,
    EndInspection,
    EnterUnit,
    Inspection,
    PublishAnnouncement,
    PublishNotice,
    ReceiveNotice,
    RecordNoticeService,
    ServeNotice,
)
from domain.kernel import NotFound
from domain.rulebook.obligations import owed
from domain.rulebook.posts import UNIT_POSTS, Duty, Power


async def serve_notice(work: Work, command: ServeNotice) -> str:
    """Article 11(6)."""
    _, inspection, mandate = await member(work, command.inspection, Power.PREPARATION, duty=Duty.LEADER)
    of_the_unit = await serving(work, inspection.unit, UNIT_POSTS, command.recipients)
    facts = inspections.serve_notice(inspection, command, duty=mandate.duty, of_the_unit=of_the_unit)
    work.write(command.inspection, facts)
    return command.inspection


async def receive_notice(work: Work, command: ReceiveNotice) -> str:
    """Article 11(6): the three working days for publication are counted from here."""
    inspection = await known_to_the_unit(work, command.inspection)
    facts = inspections.receive_notice(
        inspection,
        command,
        received_by=work.act.doer,
        publication=owed(work.book.edition, work.book.calendar, "notice_publication", command.received_on),
    )
    work.write(command.inspection, facts)
    return command.inspection


async def record_notice_service(work: Work, command: RecordNoticeService) -> str:
    """Article 11(6): without a receipt, the three working days for publication are counted from here."""
    await holds(work, "office")
    inspection = await work.read(INSPECTIONS, command.inspection)
    edition, calendar = work.book.edition, work.book.calendar
    period = owed(edition, calendar, "service_record", inspection.notice_on) if inspection.notice_on else None
    publication = owed(edition, calendar, "notice_publication", command.recorded_on, started_by="service_recorded")
    facts = inspections.record_notice_service(
        inspection, command, last_day=period.count.due if period else None, publication=publication
    )
    work.write(command.inspection, facts)
    return command.inspection


async def publish_announcement(work: Work, command: PublishAnnouncement) -> str:
    """Article 11(7)."""
    _, inspection, mandate = await member(work, command.inspection, Power.PREPARATION, Power.ON_SITE, duty=Duty.LEADER)
    work.write(command.inspection, inspections.announce(inspection, command, duty=mandate.duty))
    return command.inspection


async def publish_notice(work: Work, command: PublishNotice) -> str:
    """Article 11(6)."""
    inspection = await known_to_the_unit(work, command.inspection)
    work.write(command.inspection, inspections.publish_notice(inspection, command))
    return command.inspection


async def known_to_the_unit(work: Work, inspection_id: str) -> Inspection:
    """The inspection, for an act of its unit. Until the notice is served the unit cannot know that there is one."""
    await recorded_by_whom_may(work)
    inspection = await work.read(INSPECTIONS, inspection_id)
    await holds(work, "unit", body=inspection.unit)
    if inspection.notice_on is None and work.act.audience == "unit":
        raise NotFound
    return inspection


async def enter_unit(work: Work, command: EnterUnit) -> str:
    """Article 12."""
    _, inspection, mandate = await member(work, command.inspection, Power.PREPARATION, duty=Duty.LEADER)
    work.write(command.inspection, inspections.enter(inspection, command, duty=mandate.duty))
    return command.inspection


async def end_inspection(work: Work, command: EndInspection) -> str:
    """Articles 12, 16."""
    _, inspection, mandate = await member(work, command.inspection, Power.ON_SITE, duty=Duty.LEADER)
    report = owed(work.book.edition, work.book.calendar, "inspection_report", command.ended_on)
    work.write(command.inspection, inspections.end(inspection, command, duty=mandate.duty, report=report))
    return command.inspection
