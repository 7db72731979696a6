"""A recusal asked for by others: what each audience reads of it, and that nobody protected is named (Art. 6(4), 23)."""

from typing import Any

import pytest

from domain.recusals import recusal_of

DIRECTOR = "office-director"
ASKED = (
    ("team-member", "team-registrar"),
    ("team-leader", "team-deputy"),
    ("office-clerk", "team-undeclared"),
    ("team-member", "team-leader"),
)
"""Who asks, and of whom."""
OWN = (
    "person grounds asked { grounds statement { text } requestedOn askedBy } answer { text } outcome reason { text } "
    "steps { kind doer recorder }"
)
TO_DECIDE = (
    "id person askedBy askedAs ofTheLeader reason { text } statement { text } answer { text } outcome "
    "decision { text } unheard { text }"
)


@pytest.fixture(scope="module")
def city(application: Any) -> Any:
    """Four requests; the registrar has answered, and the deputy director's decision upheld the first."""
    c = application.city
    c.found()
    c.begin()
    ids = c.ids
    for number, (who, of) in enumerate(ASKED):
        ids[f"request/{of}"] = c.done(
            who,
            "requestRecusal",
            inspection=ids["town/inspection"],
            person=ids[of],
            grounds=["own_interest"],
            reason=f"提出的理由 {number}",
            statement=f"告知的情况 {number}",
            requestedOn=c.ago(20),
        )
        ids[f"recusal/{of}"] = recusal_of(ids["round"], ids["town"], ids[of])
    then = {"circumstances": {"happenedOn": c.ago(300), "recollected": True}}
    given = {"person": ids["team-registrar"], "body": ids["office"], "post": "office_clerk", "fromOn": c.ago(200)}
    c.done(DIRECTOR, "appoint", **given, **then)
    given = {"recusal": ids["recusal/team-registrar"], "answeredOn": c.ago(19)}
    c.done("team-registrar", "answerRecusalRequest", **given, answer="本人的说明")
    given = {"recusal": ids["recusal/team-registrar"], "outcome": "not_upheld", "decidedOn": c.ago(18)}
    c.done(DIRECTOR, "decideRecusal", **given, reason="情形不属实")
    c.settle()
    return c


def row_of(city: Any, subject: str, of: str, audience: str | None = None) -> Any:
    return next(r for r in city.rows(subject, "recusals", OWN, audience) if r["person"] == city.ids[of])


@pytest.mark.parametrize(("number", "who", "of"), [(n, *each) for n, each in enumerate(ASKED)])
def test_the_person_concerned_reads_what_is_put_to_them_and_who_asked_only_where_that_is_open(
    number: int, who: str, of: str, city: Any
) -> None:
    """Article 23 (c): leader and office are named; of another of the team not a byte of who it was, nor the reason."""
    asked_by = city.ids[who] if who in ("team-leader", "office-clerk") else None
    row = row_of(city, of, of)
    day = city.ago(20)
    (item,) = row["asked"]
    assert item.pop("statement") == {"text": f"告知的情况 {number}"}
    assert item == {"grounds": ["own_interest"], "requestedOn": day, "askedBy": asked_by}
    assert ("recusal.requested.v1" in {s["kind"] for s in row["steps"]}) is (asked_by is not None)
    requests = "recusalRequests { items { person reason { text } askedBy steps { doer } } }"
    query = f"{{ recusals {{ items {{ {OWN} }} }} {requests} }}"
    body = city.post(of, {"query": query}).body.decode()
    assert f"提出的理由 {number}" not in body
    if asked_by is None and of != "team-leader":  # the leader reads the members' declarations, the asker's among them
        assert city.ids[who] not in body


def test_a_leader_reads_that_others_were_asked_about_and_not_by_whom(city: Any) -> None:
    """Article 23 (c): neither at their own row nor at a member's."""
    for of in ("team-registrar", "team-leader"):
        row = row_of(city, "team-leader", of)
        assert [item["askedBy"] for item in row["asked"]] == [None]
        assert city.ids["team-member"] not in str(row)
    assert [r["person"] for r in city.rows("team-leader", "recusalRequests", "person")] == [city.ids["team-deputy"]]


def test_whoever_asked_reads_their_own_requests_and_what_came_of_them(city: Any) -> None:
    """Article 23 (c): not what the person concerned answered, nor why it was decided so."""
    rows = city.rows("team-member", "recusalRequests", "person reason { text } outcome decidedOn steps { kind }")
    assert {r["person"]: r["outcome"] for r in rows} == {
        city.ids["team-registrar"]: "not_upheld",
        city.ids["team-leader"]: None,
    }
    kinds = [s["kind"] for r in rows for s in r["steps"]]
    assert kinds.count("recusal.requested.v1") == 2
    assert "recusal.answered.v1" not in kinds
    assert "本人的说明" not in str(rows)
    assert city.rows("team-deputy", "recusalRequests") == []
    assert city.rows("team-recused", "recusalRequests") == []


def test_the_office_reads_who_asked_and_why_but_for_whom_it_concerns(city: Any) -> None:
    """Article 23 (c): the registrar serves in the office, too, and reads there nothing of who asked about them."""
    rows = city.rows(DIRECTOR, "recusalRequests", TO_DECIDE)
    assert {(r["askedBy"], r["person"]) for r in rows} == {(city.ids[who], city.ids[of]) for who, of in ASKED}
    (decided,) = [r for r in rows if r["person"] == city.ids["team-registrar"]]
    assert (decided["askedAs"], decided["outcome"], decided["unheard"]) == ("team", "not_upheld", None)
    assert [decided[name]["text"] for name in ("reason", "answer", "decision")] == [
        "提出的理由 0",
        "本人的说明",
        "情形不属实",
    ]
    seen = city.rows("team-registrar", "recusalRequests", TO_DECIDE, "office")
    assert len(seen) == len(rows) - 1
    assert city.ids["team-registrar"] not in {r["person"] for r in seen}
    assert city.ids["team-member"] not in str(row_of(city, "team-registrar", "team-registrar", "office"))


@pytest.mark.parametrize(
    ("subject", "of"),
    [("party-secretary", ["team-leader"]), ("group-head", ["team-leader"]), ("group-member", [])],
)
def test_who_decides_on_a_leader_reads_the_requests_about_leaders(subject: str, of: list[str], city: Any) -> None:
    """Article 23: the party committee, and the heads of the group where the edition names it; no member."""
    rows = city.rows(subject, "recusalRequests", TO_DECIDE)
    assert [r["person"] for r in rows] == [city.ids[name] for name in of]
    assert [r["ofTheLeader"] for r in rows] == [True for _ in of]


def test_the_unit_may_not_ask_in_the_edition_that_ships_and_reads_nothing(city: Any) -> None:
    """Article 23 (c): nor does it learn that somebody else asked."""
    given = {"inspection": city.ids["town/inspection"], "person": city.ids["team-member"], "grounds": ["other"]}
    refused = city.refused("town-head", "requestRecusal", **given, reason="x", statement="x", requestedOn=city.ago(5))
    assert (refused["rule"], refused["article"]) == ("recusal_asked_by_who_may", "6(4), 23")
    assert city.rows("town-head", "recusalRequests") == []


def test_whoever_is_not_concerned_reads_no_request(city: Any) -> None:
    """Article 23 (c): others of the team, and the other team."""
    for subject in ("team-member", "team-ended", "other-leader"):
        persons = {r["person"] for r in city.rows(subject, "recusals", "person")}
        assert not persons & {city.ids[of] for _, of in ASKED}


# --- a replacement -------------------------------------------------------------------------------------------------

FREED = "id person freed wanted replacement replacedBy"


def test_the_office_sees_which_upheld_recusals_want_a_replacement_and_who_took_over(city: Any) -> None:
    """Article 23 (c): wanted until a mandate names it; a member's frees nothing the team stands still without."""
    ids, ago = city.ids, city.ago
    given = {"grounds": ["own_interest"], "reason": "x", "statement": "x", "requestedOn": ago(10)}
    inspection = ids["town/inspection"]
    city.done("team-leader", "requestRecusal", inspection=inspection, person=ids["team-registrar"], **given)
    for of in ("team-registrar", "team-recused"):
        recusal = recusal_of(ids["round"], ids["town"], ids[of])
        given = {"recusal": recusal, "outcome": "upheld", "reason": "x", "unheard": "x", "decidedOn": ago(9)}
        city.done(DIRECTOR, "decideRecusal", **given)
    city.settle()

    def of(person: str) -> Any:
        return next(r for r in city.rows(DIRECTOR, "recusals", FREED) if r["person"] == ids[person])

    assert [of("team-recused")[name] for name in ("freed", "wanted", "replacement")] == [["member"], [], None]
    assert [of("team-registrar")[name] for name in ("wanted", "replacement")] == [["registrar"], "wanted"]
    where = '{ recusals(where: {replacement: "wanted"}) { items { person } } }'
    assert city.ask(DIRECTOR, where)["recusals"]["items"] == [{"person": ids["team-registrar"]}]
    mandate = city.done(
        "group-head",
        "grantMandate",
        round=ids["round"],
        team=ids["town/team"],
        person=ids["other-member"],
        duty="registrar",
        units=[ids["town"]],
        fromOn=ago(8),
        untilOn=ago(-60),
        afterRecusal=recusal_of(ids["round"], ids["town"], ids["team-registrar"]),
        decidedOn=ago(8),
    )
    city.settle()
    row = of("team-registrar")
    assert (row["wanted"], row["replacement"], row["replacedBy"]) == ([], "named", [ids["other-member"]])
    (made,) = [r for r in city.rows(DIRECTOR, "mandates", "id replaces afterRecusal") if r["id"] == mandate]
    assert (made["replaces"], made["afterRecusal"]) == (ids["team-registrar"], row["id"])
    assert city.ask(DIRECTOR, where)["recusals"]["items"] == []
