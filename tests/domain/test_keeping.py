"""How the ledger keeps itself, and the attempts that led to nothing."""

from datetime import UTC, date, datetime

import pytest
from pydantic import ValidationError

from domain import attempts
from domain.attempts import AttemptIdle, AttemptRefused, attempts_of
from domain.keeping import (
    CalendarAdopted,
    ClockSteppedBack,
    EditionAdopted,
    Keeping,
    KeyDestructionDecided,
    LedgerOpened,
    LedgerRestored,
    evolve,
)
from domain.kernel import Seal, Secret, derived_id
from domain.rulebook.posts import Standing

WHO = derived_id("person", "1")
DIGEST = "ab" * 32


def test_what_was_adopted_adds_up_in_order() -> None:
    """Articles 1, 4(6), 31, 32."""
    state = None
    for fact in (
        LedgerOpened(origin="ledger.example/one"),
        EditionAdopted(edition="yiwu-2015", digest=DIGEST, text="…"),
        CalendarAdopted(calendar="cn-2026.1", digest=DIGEST, text="…"),
        EditionAdopted(edition="yiwu-2016", digest=DIGEST, text="…"),
    ):
        state = evolve(state, fact)
    assert state == Keeping(
        "ledger.example/one", (("yiwu-2015", DIGEST), ("yiwu-2016", DIGEST)), (("cn-2026.1", DIGEST),)
    )


def test_a_step_of_the_clock_a_destroyed_key_and_a_restore_change_no_rulebook() -> None:
    """Articles 4(6), 28."""
    now = datetime(2015, 10, 8, tzinfo=UTC)
    key = KeyDestructionDecided(
        key=derived_id("key", "1"),
        seal=Seal.CONTENT,
        matter=derived_id("petition", "1"),
        decided_by=WHO,
        standing=Standing.OFFICE,
        decided_on=date(2040, 1, 1),
        basis=Secret("保管期限届满"),
    )
    restored = LedgerRestored(
        entries=4,
        sealed=6,
        lost="a-city.example/ledger",
        log="a-city.example/ledger/restored-0123456789abcdef",
        checkpoint="a-city.example/ledger\n6\n…\n",
        decided_by=WHO,
        decided_on=date(2040, 1, 1),
        basis=Secret("磁盘损坏，恢复前一日备份"),
    )
    assert evolve(None, ClockSteppedBack(observed=now, last=now)) == Keeping()
    assert evolve(None, key) == Keeping()
    after = evolve(evolve(None, LedgerOpened(origin="a-city.example/ledger")), restored)
    assert (after.editions, after.calendars, after.origin) == ((), (), "a-city.example/ledger")
    assert (after.log, after.lost) == (restored.log, ((restored.lost, 6),))


@pytest.mark.parametrize(
    "given",
    [
        {"decided_by": None},
        {"decided_by": "system:keeping"},
        {"decided_by": derived_id("body", "office")},
        {"standing": None},
        {"standing": "team"},
        {"standing": "organ"},
    ],
    ids=lambda given: " ".join(map(str, *given.items())),
)
def test_the_destruction_of_a_key_names_the_person_who_decided_and_for_which_body(given: dict[str, str | None]) -> None:
    """Article 28: a person, never a process, and one of the three bodies that run inspections."""
    whole: dict[str, object] = {
        "key": derived_id("key", "1"),
        "seal": Seal.CONTENT,
        "matter": derived_id("petition", "1"),
        "decided_by": WHO,
        "standing": Standing.OFFICE,
        "decided_on": date(2040, 1, 1),
        "basis": Secret("保管期限届满"),
    }
    fact = KeyDestructionDecided.model_validate(whole)
    assert (fact.decided_by, fact.standing) == (WHO, Standing.OFFICE)
    with pytest.raises(ValidationError):
        KeyDestructionDecided.model_validate({k: v for k, v in {**whole, **given}.items() if v is not None})


@pytest.mark.parametrize("origin", ["", "a b", "a+b", "义乌", "x" * 201])
def test_an_origin_can_head_a_signed_note(origin: str) -> None:
    """Article 4(6): visible ASCII, no plus sign."""
    with pytest.raises(ValidationError):
        LedgerOpened(origin=origin)


def test_attempts_are_counted_in_the_stream_of_whoever_made_them() -> None:
    """Articles 24(4), 25."""
    refused = AttemptRefused(
        person=WHO, command="EnterUnit", code="REFUSED", rule="mandate_live", article="5", path="units.0.form"
    )
    state = attempts.evolve(None, refused)
    assert attempts.evolve(state, AttemptIdle(person=WHO, command="EnterUnit")) == 2
    assert attempts_of(WHO) == WHO.replace("person:", "attempts:")


@pytest.mark.parametrize(
    "given",
    [
        {"target": "张三"},
        {"rule": "a sentence"},
        {"path": "/etc"},
        {"code": "SECRET"},
        {"article": "§17"},
        {"command": "enter"},
    ],
)
def test_an_attempt_holds_names_of_ours_and_no_text(given: dict[str, str]) -> None:
    """Articles 24(4), 25: never what was asked for in words."""
    with pytest.raises(ValidationError):
        AttemptRefused.model_validate({"person": WHO, "command": "EnterUnit", "code": "REFUSED", **given})
