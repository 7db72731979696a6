"""Petitions: given one, when it is registered, instructed on or handled, then facts, a refusal, or nothing to do."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest

from domain.kernel import CorrectDay, DayOf, Paper, Refused, Secret, derived_id
from domain.petitions import (
    Channel,
    HandlePetition,
    InstructPetition,
    Petition,
    PetitionDayCorrected,
    Petitioner,
    PetitionHandled,
    PetitionInstructed,
    PetitionNumberGiven,
    PetitionRegistered,
    PetitionReturned,
    RegisterPetition,
    Scope,
    correct,
    evolve,
    evolve_register,
    give_number,
    handle,
    instruct,
    register,
    register_of,
    take_back,
)

PETITION, CLUE = derived_id("petition", "1"), derived_id("clue", "1")
ROUND, UNIT, INSPECTION = derived_id("round", "1"), derived_id("body", "1"), derived_id("inspection", "1")
ORGAN, TRANSFER = derived_id("body", "organ"), derived_id("transfer", "1")
CONTACT, SUSPECT = derived_id("person", "contact"), derived_id("person", "suspect")
REGISTRAR, HANDLER = derived_id("person", "registrar"), derived_id("person", "handler")
ENTRY = date(2015, 10, 8)
DAY = timedelta(days=1)
TEXT, SUMMARY = Secret("来信全文"), Secret("反映用人问题")
PAPER, SAID = Paper(reference=TEXT), UUID(int=1)

REGISTERED = Petition(ROUND, INSPECTION, UNIT, ENTRY)
INSTRUCTED = replace(REGISTERED, handler=HANDLER, instructed_on=ENTRY)
HANDLED = replace(INSTRUCTED, handled=True)
LATE = replace(INSTRUCTED, late=True)
OUT_OF_SCOPE = replace(INSTRUCTED, in_scope=False)
WAYS = ("answered", "clue", "passed_to_organ")


def registering(
    received_on: date = ENTRY, category: str | None = "integrity_discipline", **more: Any
) -> RegisterPetition:
    return RegisterPetition(
        **more,
        inspection=INSPECTION,
        received_on=received_on,
        channel=Channel.LETTER,
        petitioner=Petitioner(name=Secret("李四"), contact=Secret("1390000")),
        content=TEXT,
        summary=SUMMARY,
        category=category,
    )


def registered(command: RegisterPetition, state: Petition | None = None, **more: Any) -> list[Any]:
    context: dict[str, Any] = {"duty": "registrar", "entered_on": ENTRY, "ended_on": None, **more}
    return register(
        state,
        PETITION,
        command,
        round_=ROUND,
        unit=UNIT,
        number=7,
        registrar=REGISTRAR,
        categories=("integrity_discipline",),
        **context,
    )


def instructed(state: Petition = REGISTERED, on: date = ENTRY, duty: str = "leader", covers: bool = True) -> list[Any]:
    command = InstructPetition(petition=PETITION, instruction=TEXT, handler=HANDLER, instructed_on=on)
    return instruct(state, command, duty=duty, handler_covers=covers)


def handled(
    state: Petition = INSTRUCTED,
    way: str = "answered",
    on: date = ENTRY,
    doer: str = HANDLER,
    clue: str | None = None,
    organ: str | None = None,
    ended_on: date | None = None,
    **more: Any,
) -> list[Any]:
    """What is passed on goes with its material, unless the test says otherwise."""
    passed = {"material": SUMMARY, "recipients": (CONTACT,)} if way == "passed_to_organ" else {}
    delivery = {name: more.pop(name, passed.get(name)) for name in ("material", "recipients")}
    command = HandlePetition(
        petition=PETITION,
        way=way,
        organ=organ,
        account=TEXT,
        handled_on=on,
        material=delivery["material"],
        recipients=delivery["recipients"] or (),
    )
    return handle(state, command, doer=doer, ways=WAYS, ended_on=ended_on, clue=clue, transfer=TRANSFER, **more)


def refusal(ask: Callable[[], object]) -> tuple[str, str, str | None]:
    with pytest.raises(Refused) as no:
        ask()
    return no.value.rule.name, no.value.rule.article, no.value.path


def test_a_petition_is_registered_with_its_number_and_its_sealed_source() -> None:
    """Article 13."""
    command = registering()
    facts = registered(command)
    assert facts == [
        PetitionRegistered(
            petition=PETITION,
            round=ROUND,
            inspection=INSPECTION,
            unit=UNIT,
            number=7,
            received_on=ENTRY,
            channel=Channel.LETTER,
            petitioner=command.petitioner,
            content=TEXT,
            summary=SUMMARY,
            category="integrity_discipline",
            registrar=REGISTRAR,
            late=0,
            scope=Scope.IN_SCOPE,
        )
    ]
    assert evolve(None, facts[0]) == REGISTERED


def test_a_petition_is_registered_with_its_scope_and_whom_it_concerns() -> None:
    """Article 13: in scope where nothing else is said."""
    (fact,) = registered(registering(scope=Scope.OUT_OF_SCOPE, concerned=(SUSPECT,)))
    assert (fact.scope, fact.concerned) == (Scope.OUT_OF_SCOPE, (SUSPECT,))
    assert evolve(None, fact) == replace(REGISTERED, in_scope=False, concerned=(SUSPECT,))
    assert registering().scope is Scope.IN_SCOPE


def test_a_petition_on_the_register_is_not_registered_again() -> None:
    """Article 13."""
    assert registered(registering(), REGISTERED, duty="member") == []


@pytest.mark.parametrize("days", [0, 1])
def test_a_petition_is_received_on_the_day_of_entry_or_later_and_may_have_no_category(days: int) -> None:
    """Article 13: the day before is refused below."""
    assert registered(registering(ENTRY + days * DAY, category=None))


@pytest.mark.parametrize(("days", "late"), [(-1, 0), (0, 0), (1, 1)], ids=["day before the end", "on it", "day after"])
def test_a_petition_received_after_the_end_of_the_inspection_is_late(days: int, late: int) -> None:
    """Article 13: on the day of the end it is not; it is registered all the same."""
    end = ENTRY + 30 * DAY
    (fact,) = registered(registering(end + days * DAY), ended_on=end)
    assert fact.late == late
    assert evolve(None, fact) == replace(REGISTERED, received_on=end + days * DAY, late=bool(late))


def test_no_petition_is_late_while_the_inspection_lasts() -> None:
    """Article 13."""
    (fact,) = registered(registering(ENTRY + 400 * DAY), ended_on=None)
    assert fact.late == 0


@pytest.mark.parametrize("days", [0, 1])
def test_the_leader_instructs_from_the_day_of_receipt_on(days: int) -> None:
    """Articles 6(3), 13."""
    facts = instructed(on=ENTRY + days * DAY)
    assert facts == [
        PetitionInstructed(
            petition=PETITION,
            round=ROUND,
            inspection=INSPECTION,
            unit=UNIT,
            instruction=TEXT,
            handler=HANDLER,
            instructed_on=ENTRY + days * DAY,
        )
    ]
    assert evolve(REGISTERED, facts[0]) == replace(INSTRUCTED, instructed_on=ENTRY + days * DAY)


def test_the_leader_names_another_handler_until_the_petition_is_handled() -> None:
    """Article 13: a handler who leaves or is recused does not hold it up."""
    command = InstructPetition(petition=PETITION, instruction=TEXT, handler=REGISTRAR, instructed_on=ENTRY)
    facts = instruct(INSTRUCTED, command, duty="leader", handler_covers=True)
    assert evolve(INSTRUCTED, facts[0]).handler == REGISTRAR
    with pytest.raises(Refused, match="handled_once"):
        instruct(replace(INSTRUCTED, handled=True), command, duty="leader", handler_covers=True)


@pytest.mark.parametrize(
    ("way", "clue", "organ"), [("answered", None, None), ("clue", CLUE, None), ("passed_to_organ", None, ORGAN)]
)
@pytest.mark.parametrize("days", [0, 1])
def test_its_handler_says_how_it_was_handled(way: str, clue: str | None, organ: str | None, days: int) -> None:
    """Article 13: turned into a clue, the clue is named; passed on, the organ."""
    facts = handled(way=way, clue=clue, organ=organ, on=ENTRY + days * DAY)
    assert facts == [
        PetitionHandled(
            petition=PETITION,
            round=ROUND,
            inspection=INSPECTION,
            unit=UNIT,
            way=way,
            organ=organ,
            account=TEXT,
            handled_on=ENTRY + days * DAY,
            clue=clue,
            transfer=TRANSFER if organ else None,
        )
    ]
    assert replace(evolve(INSTRUCTED, facts[0]), handled_on=None) == replace(HANDLED, clue=clue)
    assert evolve(INSTRUCTED, facts[0]).handled_on == facts[0].handled_on


def test_a_petition_that_became_a_restricted_clue_says_so_in_its_fact() -> None:
    """Article 14: so that no view shows how it was handled."""
    (fact,) = handled(way="clue", clue=CLUE, restricted=True)
    assert fact.restricted == 1


def test_a_petition_an_organ_returned_is_handled_anew() -> None:
    """Article 13."""
    (fact,) = take_back(HANDLED, PETITION, ORGAN, TRANSFER, ENTRY)
    assert fact == PetitionReturned(
        petition=PETITION,
        round=ROUND,
        inspection=INSPECTION,
        unit=UNIT,
        organ=ORGAN,
        transfer=TRANSFER,
        returned_on=ENTRY,
    )
    assert evolve(HANDLED, fact) == INSTRUCTED
    assert handled(evolve(HANDLED, fact))


@pytest.mark.parametrize(
    ("days", "expected"),
    [(-1, "instruction_not_before_the_last"), (0, None), (1, None)],
    ids=["day before the last", "on the day", "day after"],
)
def test_an_instruction_put_on_record_late_does_not_take_back_the_last(days: int, expected: str | None) -> None:
    """Article 13 (c): who handles it is what was said last; all the days are kept for what lies between them."""
    state = replace(INSTRUCTED, instructed_on=ENTRY + 2 * DAY)
    command = InstructPetition(
        petition=PETITION, instruction=TEXT, handler=REGISTRAR, instructed_on=ENTRY + (2 + days) * DAY
    )
    if expected is not None:
        no = refusal(lambda: instruct(state, command, duty="leader", handler_covers=True))
        assert no == (expected, "13", "instructed_on")
        return
    (fact,) = instruct(state, command, duty="leader", handler_covers=True)
    after = evolve(state, fact)
    assert (after.earlier_instructed_on, after.instructed_on) == ((ENTRY + 2 * DAY,), command.instructed_on)


def test_what_was_handled_after_an_instruction_binds_its_day_also_once_it_was_returned() -> None:
    """Articles 13, 28 (c): until it is instructed on again."""
    (fact,) = take_back(DONE, PETITION, ORGAN, TRANSFER, ENTRY + 8 * DAY)
    back = evolve(DONE, fact)
    assert (back.handled, back.between(DayOf.PETITION_INSTRUCTED).later) == (False, (DONE.handled_on,))
    (twice,) = handled(back, on=ENTRY + 9 * DAY)
    assert evolve(back, twice).handled_on == DONE.handled_on
    command = InstructPetition(petition=PETITION, instruction=TEXT, handler=REGISTRAR, instructed_on=ENTRY + 9 * DAY)
    (again,) = instruct(back, command, duty="leader", handler_covers=True)
    assert evolve(back, again).between(DayOf.PETITION_INSTRUCTED).later == (None,)


def test_a_petition_out_of_scope_is_passed_on_like_any_other() -> None:
    """Article 13: every other way is refused below."""
    (fact,) = handled(OUT_OF_SCOPE, way="passed_to_organ", organ=ORGAN)
    assert evolve(OUT_OF_SCOPE, fact) == replace(OUT_OF_SCOPE, handled=True, handled_on=fact.handled_on)


@pytest.mark.parametrize("ended_on", [None, ENTRY, ENTRY + DAY])
def test_a_petition_received_by_the_day_of_the_end_is_not_late(ended_on: date | None) -> None:
    """Article 13 (c): whenever the end is put on record."""
    assert len(handled(ended_on=ended_on)) == 1


def test_a_late_petition_is_passed_on_like_any_other() -> None:
    """Article 13: every other way is refused below."""
    (fact,) = handled(LATE, way="passed_to_organ", organ=ORGAN)
    assert (fact.way, fact.organ, fact.clue) == ("passed_to_organ", ORGAN, None)
    assert evolve(LATE, fact) == replace(LATE, handled=True, handled_on=fact.handled_on)


@pytest.mark.parametrize(
    ("ask", "expected"),
    [
        (lambda: registered(registering(), duty="leader"), ("only_the_registrar", "13", None)),
        (lambda: registered(registering(ENTRY - DAY)), ("petition_after_entry", "13", "received_on")),
        (lambda: registered(registering(), entered_on=None), ("petition_after_entry", "13", "received_on")),
        (lambda: registered(registering(category="weather")), ("category_known", "9", "category")),
        (lambda: instructed(duty="deputy_leader"), ("only_the_leader", "6(3)", None)),
        (lambda: instructed(duty="registrar"), ("only_the_leader", "6(3)", None)),
        (lambda: instructed(INSTRUCTED), ("instructed_once", "13", None)),
        (lambda: instructed(on=ENTRY - DAY), ("instruction_not_before_receipt", "13", "instructed_on")),
        (lambda: instructed(covers=False), ("handler_of_the_same_team", "13", "handler")),
        (lambda: handled(REGISTERED), ("instructed_before_handled", "13", None)),
        (lambda: handled(HANDLED), ("handled_once", "13", None)),
        (lambda: handled(doer=REGISTRAR), ("handled_by_its_handler", "13", None)),
        (lambda: handled(way="disciplinary_review"), ("way_of_handling_known", "13", "way")),
        (lambda: handled(way="clue"), ("a_clue_names_its_petition", "13", "way")),
        (lambda: handled(clue=CLUE), ("a_clue_names_its_petition", "13", "way")),
        (lambda: handled(LATE), ("late_petition_passed_on", "13", "way")),
        (lambda: handled(LATE, way="clue", clue=CLUE), ("late_petition_passed_on", "13", "petitions")),
        (lambda: handled(ended_on=ENTRY - DAY), ("late_petition_passed_on", "13", "way")),
        (lambda: handled(OUT_OF_SCOPE), ("out_of_scope_passed_on", "13", "way")),
        (lambda: handled(OUT_OF_SCOPE, way="clue", clue=CLUE), ("out_of_scope_passed_on", "13", "petitions")),
        (
            lambda: handled(way="passed_to_organ", organ=ORGAN, material=None),
            ("passed_on_with_its_material", "13", "material"),
        ),
        (
            lambda: handled(way="passed_to_organ", organ=ORGAN, recipients=()),
            ("passed_on_with_its_material", "13", "material"),
        ),
        (lambda: handled(material=SUMMARY), ("passed_on_with_its_material", "13", "material")),
        (lambda: handled(recipients=(CONTACT,)), ("passed_on_with_its_material", "13", "material")),
        (
            lambda: handled(replace(INSTRUCTED, concerned=(CONTACT,)), way="passed_to_organ", organ=ORGAN),
            ("never_passed_to_the_concerned", "13", "recipients"),
        ),
        (lambda: handled(way="passed_to_organ"), ("passed_on_to_a_named_organ", "13", "organ")),
        (lambda: handled(LATE, way="passed_to_organ"), ("passed_on_to_a_named_organ", "13", "organ")),
        (lambda: handled(organ=ORGAN), ("passed_on_to_a_named_organ", "13", "organ")),
        (lambda: handled(way="clue", clue=CLUE, organ=ORGAN), ("passed_on_to_a_named_organ", "13", "organ")),
        (lambda: handled(way="passed_to_organ", organ=UNIT), ("never_passed_to_the_unit", "13", "organ")),
        (lambda: handled(LATE, way="passed_to_organ", organ=UNIT), ("never_passed_to_the_unit", "13", "organ")),
        (lambda: handled(on=ENTRY - DAY), ("handling_not_before_instruction", "13", "handled_on")),
    ],
)
def test_what_the_regulation_does_not_allow_is_refused(
    ask: Callable[[], object], expected: tuple[str, str, str | None]
) -> None:
    """Articles 6(3), 9, 13."""
    assert refusal(ask) == expected


def test_the_register_of_a_round_gives_numbers_from_one_on() -> None:
    """Article 13 (c): in a stream of its own, which names the round by its id only."""
    first = give_number(None, PETITION, round_=ROUND)
    assert first == [PetitionNumberGiven(round=ROUND, petition=PETITION, number=1)]
    given = evolve_register(None, first[0])
    assert [fact.number for fact in give_number(given, derived_id("petition", "2"), round_=ROUND)] == [2]
    assert register_of(ROUND) == ROUND.replace("round:", "petition-register:")


# --- a wrong day put right -----------------------------------------------------------------------------------------


def correcting(which: DayOf, days: int) -> CorrectDay:
    day = ENTRY + days * DAY
    return CorrectDay(matter=PETITION, day_of=which, day=day, reason=TEXT, paper=PAPER, corrected_on=ENTRY + 30 * DAY)


READ = replace(REGISTERED, received_on=ENTRY + 2 * DAY, handler=HANDLER, instructed_on=ENTRY + 4 * DAY)
DONE = replace(READ, handled=True, handled_on=ENTRY + 6 * DAY)
TWICE = replace(READ, earlier_instructed_on=(ENTRY + 3 * DAY,))


@pytest.mark.parametrize(
    ("state", "which", "days", "fits"),
    [
        (READ, DayOf.PETITION_RECEIVED, -1, False),
        (READ, DayOf.PETITION_RECEIVED, 0, True),
        (READ, DayOf.PETITION_RECEIVED, 4, True),
        (READ, DayOf.PETITION_RECEIVED, 5, False),
        (TWICE, DayOf.PETITION_RECEIVED, 3, True),
        (TWICE, DayOf.PETITION_RECEIVED, 4, False),
        (TWICE, DayOf.PETITION_INSTRUCTED, 2, False),
        (TWICE, DayOf.PETITION_INSTRUCTED, 3, True),
        (DONE, DayOf.PETITION_INSTRUCTED, 1, False),
        (DONE, DayOf.PETITION_INSTRUCTED, 2, True),
        (DONE, DayOf.PETITION_INSTRUCTED, 6, True),
        (DONE, DayOf.PETITION_INSTRUCTED, 7, False),
        (READ, DayOf.PETITION_INSTRUCTED, 7, True),
    ],
)
def test_the_day_of_receipt_or_instruction_is_corrected(state: Petition, which: DayOf, days: int, fits: bool) -> None:
    """Articles 13, 28 (c): between entry, receipt, instruction and handling, each day included."""
    command = correcting(which, days)
    if not fits:
        no = refusal(lambda: correct(state, command, entry=SAID, entered_on=ENTRY, ended_on=None))
        assert no == ("corrected_day_fits_the_others", "28", "day")
        return
    (fact,) = correct(state, command, entry=SAID, entered_on=ENTRY, ended_on=None)
    after = evolve(state, fact)
    assert isinstance(fact, PetitionDayCorrected)
    assert (fact.corrected.before, after.between(which).day) == (state.between(which).day, command.day)
    assert after.handler == HANDLER
    assert correct(after, command, entry=SAID, entered_on=ENTRY, ended_on=None) == []


@pytest.mark.parametrize(("days", "late"), [(-1, 0), (0, 0), (1, 1)], ids=["day before", "on the day", "day after"])
@pytest.mark.parametrize("was", [False, True])
def test_by_the_corrected_day_of_receipt_it_is_late_or_not(days: int, late: int, was: bool) -> None:
    """Article 13 (c): the inspection ended on the day; what was late and is not is the team's again."""
    state = replace(REGISTERED, received_on=ENTRY + 9 * DAY, late=was)
    (fact,) = correct(
        state, correcting(DayOf.PETITION_RECEIVED, 5 + days), entry=SAID, entered_on=ENTRY, ended_on=ENTRY + 5 * DAY
    )
    assert isinstance(fact, PetitionDayCorrected)
    assert (fact.late, evolve(state, fact).late) == (late, bool(late))


def test_correcting_the_instruction_moves_no_late_petition() -> None:
    """Article 13 (c)."""
    (fact,) = correct(LATE, correcting(DayOf.PETITION_INSTRUCTED, 1), entry=SAID, entered_on=ENTRY, ended_on=None)
    assert evolve(LATE, fact).late
    assert LATE.between(DayOf.ENTERED).day is None
