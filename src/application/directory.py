"""Bodies, persons, sign-ins and appointments: entered by the office (Art. 3, 4, 8)."""

from datetime import date, timedelta

from application.acts import Work
from application.authority import (
    entered_by_the_director,
    holds,
    looking,
    predecessors_of,
    serving_in_unit,
    sign_in_of,
)
from domain import bodies, people
from domain.bodies import BODIES, RecordSuccession, RegisterBody, RenameBody
from domain.kernel import NotFound
from domain.people import (
    PEOPLE,
    SIGN_INS,
    Appoint,
    Appointment,
    EndAppointment,
    LinkSignIn,
    Person,
    RegisterPerson,
    UnlinkSignIn,
    WithdrawAppointment,
)
from domain.rulebook import rules
from domain.rulebook.posts import DECIDERS, Standing, post_belongs


async def register_body(work: Work, command: RegisterBody) -> str:
    """Articles 3, 4, 8, 17."""
    await holds(work, "office")
    work.known("unit_categories", command.category, "category")
    work.known("organ_classes", command.organ_class, "organ_class")
    body = work.new("body")
    work.write(body, bodies.register(await work.look(BODIES, body), body, command))
    return body


async def rename_body(work: Work, command: RenameBody) -> str:
    """Article 8."""
    await holds(work, "office")
    await work.read(BODIES, command.body)
    work.write(command.body, bodies.rename(command))
    return command.body


async def record_succession(work: Work, command: RecordSuccession) -> str:
    """Articles 8, 17: it gives whoever serves in the successor what the body has, so the director enters it."""
    await holds(work, "office", DECIDERS[Standing.OFFICE], rule=rules.authority_entered_by_the_director)
    await entered_by_the_director(work)
    body, successor = await work.read(BODIES, command.body), await work.read(BODIES, command.successor)
    before = await predecessors_of(looking(work), [command.body])
    for person in {work.act.signer, work.act.doer}:
        serves = person in await serving_in_unit(work, command.successor, [person])
        rules.nobody_gives_themselves_authority.demand(person, person if serves else None, path="successor")
    facts = bodies.succeed(body, command, successor=successor, follows=command.successor in before)
    work.write(command.body, facts)
    if facts:
        work.write(command.successor, bodies.receive_duties(command))
    return command.body


async def register_person(work: Work, command: RegisterPerson) -> str:
    """Articles 3 to 5."""
    await holds(work, "office")
    if command.home_body is not None:
        await work.read(BODIES, command.home_body)
    person = work.new("person")
    work.write(person, people.register(await work.look(PEOPLE, person), person, command))
    return person


async def link_sign_in(work: Work, command: LinkSignIn) -> str:
    """Article 4(5)."""
    await holds(work, "office", DECIDERS[Standing.OFFICE], rule=rules.authority_entered_by_the_director)
    await entered_by_the_director(work)
    person = await work.read(PEOPLE, command.person)
    sign_in = sign_in_of(work.ledger, command.issuer, command.subject)
    linked = await work.look(SIGN_INS, sign_in)
    facts = people.link(person, sign_in, linked.person if linked else None, command)
    work.write(command.person, facts)
    if facts:
        work.write(sign_in, [people.SignInLinked(sign_in=sign_in, person=command.person)])
    return command.person


async def unlink_sign_in(work: Work, command: UnlinkSignIn) -> str:
    """Article 4(5)."""
    await holds(work, "office", DECIDERS[Standing.OFFICE], rule=rules.authority_entered_by_the_director)
    await entered_by_the_director(work)
    await work.read(PEOPLE, command.person)
    sign_in = sign_in_of(work.ledger, command.issuer, command.subject)
    linked = await work.look(SIGN_INS, sign_in)
    if linked is None or linked.person != command.person:
        raise NotFound
    used_now = sign_in == work.act.authenticated.sign_in
    work.write(command.person, people.unlink(sign_in, command, used_now=used_now))
    work.write(sign_in, [people.SignInUnlinked(sign_in=sign_in, person=command.person)])
    return command.person


async def appoint(work: Work, command: Appoint) -> str:
    """Article 3."""
    await holds(work, "office", DECIDERS[Standing.OFFICE], rule=rules.authority_entered_by_the_director)
    await entered_by_the_director(work)
    person = await work.read(PEOPLE, command.person)
    rules.nobody_gives_themselves_authority.demand(work.act.signer, command.person, path="person")
    body = await work.read(BODIES, command.body)
    belongs = post_belongs(command.post, body.standing, body.category, body.organ_class)
    appointment = work.new("appointment")
    work.write(command.person, people.appoint(person, appointment, command, belongs=belongs))
    return appointment


async def end_appointment(work: Work, command: EndAppointment) -> str:
    """Article 3."""
    person, appointment = await _anothers_appointment(work, command)
    await _director_remains(work, appointment, command.ended_on)
    work.write(command.person, people.end_appointment(person, appointment, command))
    return command.appointment


async def withdraw_appointment(work: Work, command: WithdrawAppointment) -> str:
    """Article 3."""
    _, appointment = await _anothers_appointment(work, command)
    await _director_remains(work, appointment, work.act.today)
    work.write(command.person, people.withdraw_appointment(appointment, command))
    return command.appointment


async def _anothers_appointment(
    work: Work, command: EndAppointment | WithdrawAppointment
) -> tuple[Person, Appointment]:
    """The appointment a director or deputy takes away; nobody takes their own. Raises NotFound where there is none."""
    await holds(work, "office", DECIDERS[Standing.OFFICE], rule=rules.authority_entered_by_the_director)
    await entered_by_the_director(work)
    person = await work.read(PEOPLE, command.person)
    appointment = next((a for a in person.appointments if a.id == command.appointment), None)
    if appointment is None:
        raise NotFound
    rules.nobody_ends_their_own_post.demand(work.act.signer, command.person, path="person")
    return person, appointment


async def _director_remains(work: Work, appointment: Appointment, last_day: date) -> None:
    """Demand that whoever takes a director's or deputy's post away holds one beyond that day: else two could end each
    other's, and nobody could let anybody in again."""
    if appointment.post in DECIDERS[Standing.OFFICE]:
        recorder = await work.read(PEOPLE, work.act.signer)
        day = max(last_day, work.act.today) + timedelta(days=1)
        rules.a_director_remains.demand(bool(recorder.held(day, DECIDERS[Standing.OFFICE])), path="person")
