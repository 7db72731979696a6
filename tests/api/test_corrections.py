"""A corrected day as each audience reads it: what stands, what stood before, who put it right, what is due by it
(Art. 28 (c))."""

from typing import Any

import pytest

DIRECTOR = "office-director"
CORRECTIONS = (
    "corrections { dayOf entry before day reason { text } paper { reference { text } scanSha256 } correctedBy "
    "correctedOn dueBefore due } "
    "steps { id kind doer }"
)


@pytest.fixture(scope="module")
def city(application: Any) -> Any:
    """A round whose notice was received, a unit that was left, a clue an organ received; each day then corrected."""
    c = application.city
    c.found()
    c.begin()
    ids, ago = c.ids, c.ago
    petition = c.petition(1)
    c.instruct(petition)
    ids["petition"] = petition
    ids["clue"] = c.clue(petition)
    ids["transfer"] = c.transfer(ids["clue"])
    c.done("discipline-contact", "receiveTransfer", transfer=ids["transfer"], receivedOn=ago(10))
    c.done("team-leader", "endInspection", inspection=ids["town/inspection"], endedOn=ago(8))
    c.settle()
    ids["before"] = due(c, DIRECTOR)
    for matter, which, day in (
        ("town/inspection", "notice_received", ago(49)),
        ("town/inspection", "ended", ago(6)),
        ("transfer", "transfer_received", ago(9)),
        ("petition", "petition_received", ago(41)),
        ("petition", "petition_instructed", ago(38)),
    ):
        c.done(
            DIRECTOR,
            "correctDay",
            matter=ids[matter],
            dayOf=which,
            day=day,
            reason=f"原件日期看错 {which}",
            paper={"reference": f"某巡办收文 {which}", "scanSha256": "ab" * 32},
            correctedOn=ago(1),
        )
    c.settle()
    return c


def due(city: Any, subject: str) -> dict[str, str]:
    rows = city.rows(subject, "duties", "name unit dueOn")
    return {r["name"]: r["dueOn"] for r in rows if r["unit"] == city.ids["town"]}


def one(city: Any, subject: str, view: str, key: str, fields: str) -> Any:
    return next(r for r in city.rows(subject, view, f"id {fields} {CORRECTIONS}") if r["id"] == city.ids[key])


@pytest.mark.parametrize("subject", [DIRECTOR, "team-leader", "town-head"])
def test_whoever_sees_the_inspection_sees_the_day_and_what_stood_before(subject: str, city: Any) -> None:
    """Article 28 (c): who corrected it, when, why and by which paper; the step stands in the history."""
    row = one(city, subject, "inspections", "town/inspection", "receivedOn endedOn")
    assert (row["receivedOn"], row["endedOn"]) == (city.ago(49), city.ago(6))
    first, second = row["corrections"]
    assert (first["dayOf"], first["before"], first["day"]) == ("notice_received", city.ago(50), city.ago(49))
    assert (first["correctedBy"], first["correctedOn"]) == (city.ids[DIRECTOR], city.ago(1))
    assert first["reason"]["text"] == "原件日期看错 notice_received"
    assert (first["paper"]["reference"]["text"], first["paper"]["scanSha256"]) == (
        "某巡办收文 notice_received",
        "ab" * 32,
    )
    steps = {s["id"]: s["kind"] for s in row["steps"]}
    assert [steps[c["entry"]] for c in row["corrections"]] == ["inspection.notice-received.v1", "inspection.ended.v1"]
    assert (second["dayOf"], second["before"], second["day"]) == ("ended", city.ago(8), city.ago(6))
    kinds = [s["kind"] for s in row["steps"]]
    assert kinds.count("inspection.day-corrected.v1") == 2
    assert "inspection.notice-received.v1" in kinds


def test_what_is_due_by_a_corrected_day_is_due_on_another_for_all_who_see_it(city: Any) -> None:
    """Articles 11(6), 16, 17: the lists of duties, the board and the rows say the same; what was met stays met."""
    office, team = due(city, DIRECTOR), due(city, "team-leader")
    before = city.ids["before"]
    row = one(city, DIRECTOR, "inspections", "town/inspection", "reportDue { dueOn } publication { dueOn metOn }")
    first, second = row["corrections"]
    for name, item, shown in (
        ("notice_publication", first, row["publication"]["dueOn"]),
        ("inspection_report", second, row["reportDue"]["dueOn"]),
    ):
        assert (item["dueBefore"], item["due"]) == (before[name], office[name])
        assert shown == office[name]
    assert row["publication"]["metOn"] == city.ago(49)
    assert team == {"inspection_report": office["inspection_report"]}
    assert due(city, "town-head")["notice_publication"] == office["notice_publication"]
    board = next(
        r
        for r in city.rows(DIRECTOR, "board", "inspection endedOn duties { name due { dueOn } }")
        if r["inspection"] == city.ids["town/inspection"]
    )
    assert board["endedOn"] == city.ago(6)
    assert {d["name"]: d["due"]["dueOn"] for d in board["duties"]}["inspection_report"] == office["inspection_report"]


def test_the_unit_does_not_read_what_the_team_owes_by_the_end(city: Any) -> None:
    """promises.md §4: the report and its due day are not the unit's."""
    row = one(city, "town-head", "inspections", "town/inspection", "endedOn")
    _, ended = row["corrections"]
    assert (ended["dueBefore"], ended["due"]) == (None, None)


def test_office_and_organ_see_the_corrected_receipt_of_a_transfer(city: Any) -> None:
    """Article 17: the month is counted anew for both."""
    for subject in (DIRECTOR, "discipline-contact"):
        row = one(city, subject, "transfers", "transfer", "receivedOn answerDue { dueOn }")
        (item,) = row["corrections"]
        assert (row["receivedOn"], item["before"], item["due"]) == (
            city.ago(9),
            city.ago(10),
            row["answerDue"]["dueOn"],
        )
        assert item["dueBefore"] == city.ids["before"]["transfer_answer"]
        assert due(city, subject)["transfer_answer"] == item["due"]


def test_the_team_sees_the_corrected_days_of_a_petition(city: Any) -> None:
    """Articles 6(3), 13: the office, which sees the status, sees the day of receipt and that both were corrected."""
    row = one(city, "team-leader", "petitions", "petition", "receivedOn instructedOn status")
    assert (row["receivedOn"], row["instructedOn"]) == (city.ago(41), city.ago(38))
    assert [item["dayOf"] for item in row["corrections"]] == ["petition_received", "petition_instructed"]
    status = one(city, DIRECTOR, "petitions", "petition", "receivedOn status")
    assert (status["receivedOn"], status["status"]) == (city.ago(41), row["status"])


@pytest.mark.parametrize(
    ("subject", "audience", "which"),
    [
        ("bureau-head", "unit", "inspections"),
        ("other-leader", "team", "inspections"),
        ("organisation-contact", "organ", "transfers"),
    ],
)
def test_whoever_does_not_see_the_matter_sees_no_correction(subject: str, audience: str, which: str, city: Any) -> None:
    """promises.md §4: it stands in the row, and with it is not there."""
    for row in city.rows(subject, which, f"id {CORRECTIONS}", audience):
        assert row["corrections"] == []
