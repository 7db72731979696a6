"""Two worlds, the whole round: from plan to archive, with and without what an audience must not know; after every step
every list of everybody compared answers the same (Art. 13, 14, 16, 23, promises.md §4).

One world is the round of the example. In the other there is more behind it: petitions, a clue of theirs, a meeting, an
inquiry, interviews, a draft, a question to an organ, a suggestion that is declined, a transfer to one organ, and a
clue reported past the office. The commands of the main line are the same in both, and so are their ids; only the
values of the wall clock, and the ids of the steps of each ledger's opening, are blotted out.
"""

import itertools
import json
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import replace
from typing import Any
from uuid import UUID, uuid5

import pytest
from graphql import GraphQLNonNull, get_named_type, is_list_type
from tests.api import asking, whole_round
from tests.api.conftest import running_here
from tests.api.whole_round import CLERK, DIRECTOR

from api.app import SCHEMAS
from api.composition import VIEWS
from domain.clues import ClueRegistered, ClueReportedDirectly
from domain.petitions import PetitionRegistered
from projections.shelf import Shelf, View

NAMESPACE = UUID("3f1c8f0e-52f5-5c3a-9a55-7f8f8b0d9c11")
COMPARED = {
    "unit-head": ("unit", "addressee"),
    "bureau-head": ("unit",),
    "other-leader": ("team",),
    "team-recused": ("team",),
    "organisation-contact": ("organ", "addressee"),
    "audit-contact": ("organ",),
    "city-leader": ("addressee",),
    "group-member": ("leading-group",),
    "nobody-in-particular": ("office",),
    "discipline-contact": ("organ",),
    "party-secretary": ("leading-group",),
    "group-deputy": ("leading-group",),
    CLERK: ("office",),
}
"""The unit, another unit, another team, a recused member, an organ nothing of it goes to, another one, an addressee, a
member of the group who is not summoned, somebody with no capacity; and, below, who is told of some of it."""
TOLD_OF_SOME = ("discipline-contact", "party-secretary", "group-deputy", CLERK)
"""To these some of the hidden comes openly: petitions as a status, a clue reported to the office, its disposal, its
transfer. Of their answers the rows about it are taken out; all else is the same, and the direct report is in none."""
NOT_COMPARED = {(CLERK, "office", "fileChecklists")}
"""Counts of the petitions and meetings of a file the office has received."""
DIRECT = ("direct", "omission")
"""What belongs to the clue reported past the office: nobody compared is told of it."""
CLOCK = re.compile(rb'("(?:recordedAt|at)":")([^"]+)(")')
OPENING = re.compile(rb'("id":")([0-9a-f-]{36})(","kind":"[^"]+","doer":"system:)')

Key = tuple[str, str, str]


def blotted(body: bytes) -> bytes:
    for each in (CLOCK, OPENING):
        body = each.sub(lambda m: m[1] + b"#" * len(m[2]) + m[3], body)
    return body


# --- what there is in one world only ---------------------------------------------------------------------------------


class Behind(whole_round.Telling):
    """The story with more behind it. `hidden`: the ids of what is in this world only, by a name of ours."""

    def __init__(self, *given: Any, **more: Any) -> None:
        asides = {"clues": _on_site, "report": _a_draft, "feed_back": _a_disposal}
        super().__init__(*given, asides=asides, **more)
        self.hidden: dict[str, str] = {}

    def amended(self, verb: str, given: dict[str, Any]) -> dict[str, Any]:
        given = super().amended(verb, given)
        if verb == "saveDraft" and given["inspection"] == self.ids["inspection"] and not self.aside:
            given["omissions"] = [*given["omissions"], {"clue": self.hidden["clue"], "reason": "另案"}]
        if verb == "signReport" and given["inspection"] == self.ids["inspection"]:
            given["draft"] += 1  # there is one more draft before it
        return given


def _on_site(t: Any) -> None:
    """Art. 12 to 15: what came in and what the team did of it."""
    ids, inspection, hidden = t.ids, t.ids["inspection"], t.hidden
    for n in range(3):
        day = "2022-10-02"
        petition = hidden[f"petition {n}"] = t.paper(
            "team-registrar",
            "registerPetition",
            day,
            inspection=inspection,
            receivedOn=day,
            channel="letter",
            content=f"另一来件 {n}",
            summary=f"另一摘要 {n}",
            petitioner={"name": f"另一来信人 {n}"},
        )
        t.paper(
            "team-leader",
            "instructPetition",
            petition=petition,
            instruction="请核实",
            instructedOn="2022-10-03",
            handler=ids["team-member"],
        )
    t.paper(
        "team-member",
        "handlePetition",
        petition=hidden["petition 1"],
        way="answered",
        account="另一答复",
        handledOn="2022-10-04",
    )
    clue = {
        "inspection": inspection,
        "category": "organisational_discipline",
        "managed": "city",
        "firstKnownOn": "2022-10-04",
        "registeredOn": "2022-10-06",
    }
    hidden["clue"] = t.paper(
        "team-member", "registerClue", petitions=[hidden["petition 0"]], text="另一线索", summary="另一线索摘要", **clue
    )
    t.paper("team-leader", "reportClue", clue=hidden["clue"], reportedOn="2022-10-07", report="另一上报")
    hidden["meeting"] = t.paper(
        "team-leader",
        "holdMeeting",
        team=ids["team"],
        attendees=[ids["team-leader"], ids["team-member"]],
        heldOn="2022-10-07",
        items=[{"kind": "in_depth_inquiry", "about": hidden["clue"], "subject": "另一议题", "conclusion": "同意"}],
    )
    hidden["inquiry"] = t.paper(
        "team-leader",
        "openInquiry",
        inspection=inspection,
        clues=[hidden["clue"]],
        on="member",
        subject="另一问题",
        staff=[ids["team-member"]],
        openedOn="2022-10-08",
    )
    for about in ({"member": ids["unit-head"]}, {"others": [{"name": "另一谈话对象"}]}):
        hidden[f"interview of {next(iter(about))}"] = t.paper(
            "team-leader",
            "recordActivity",
            inspection=inspection,
            way="interview",
            place="另一谈话室",
            staff=[ids["team-leader"], ids["team-member"]],
            record="另一谈话记录",
            outcome="另一谈话结果",
            heldOn="2022-10-08",
            **about,
        )
    hidden["delivery"] = t.paper(
        "team-leader",
        "deliver",
        round=ids["round"],
        occasion="inquiry_to_organ",
        team=ids["team"],
        about=inspection,
        body=ids["discipline"],
        recipients=[ids["discipline-contact"]],
        content="另一询问",
        deliveredOn="2022-10-08",
    )
    hidden["suggestion"] = t.paper(
        "team-leader",
        "proposeSuggestion",
        inspection=inspection,
        text="另一建议",
        petitions=[hidden["petition 2"]],
        conditions={"strongPublicReaction": "甲", "plainlyAgainstTheRules": "乙", "soonSolvable": "丙"},
        proposedOn="2022-10-08",
    )
    t.paper(
        DIRECTOR,
        "decideSuggestion",
        suggestion=hidden["suggestion"],
        approved=False,
        reason="暂缓",
        decidedOn="2022-10-09",
    )
    hidden["direct"] = t.story.remembered(
        "team-leader",
        "registerClue",
        petitions=[],
        text="另一直接报告的线索",
        summary="另一摘要",
        restricted=True,
        **clue,
    )
    t.story.remembered(
        "team-leader",
        "reportDirectly",
        clue=hidden["direct"],
        addressee=ids["group-head"],
        specialCircumstances="涉及巡查办",
        report="另一直接报告",
        reportedOn="2022-10-09",
    )


def _a_draft(t: Any) -> None:
    """Art. 14, 16: a draft nobody signs; why the clue reported directly is in no report."""
    t.paper(
        "team-deputy",
        "saveDraft",
        inspection=t.ids["inspection"],
        overview="另一稿",
        noProblems="另一理由",
        clues=[],
        savedOn="2022-10-19",
    )
    t.hidden["omission"] = t.story.remembered(
        "team-leader", "omitRestrictedClue", clue=t.hidden["direct"], reason="已直接报告", omittedOn="2022-10-19"
    )


def _a_disposal(t: Any) -> None:
    """Art. 17: proposed, decided, transferred, answered; one member of the group is not summoned."""
    ids, hidden = t.ids, t.hidden
    chosen = {"item": hidden["clue"], "disposalClass": "cadre_discipline", "organ": ids["discipline"]}
    t.paper(
        CLERK,
        "proposeDisposal",
        paper="另一议题",
        reason="另一理由",
        summoned=[ids["group-deputy"]],
        proposedOn="2022-11-03",
        **chosen,
    )
    t.paper(
        "group-head",
        "decideDisposal",
        attendees=[ids["group-deputy"]],
        conclusion="另一决定",
        decidedOn="2022-11-10",
        **chosen,
    )
    hidden["transfer"] = t.paper(
        CLERK,
        "transferItem",
        item=hidden["clue"],
        recipients=[ids["discipline-contact"]],
        material="另一材料",
        transferredOn="2022-11-14",
    )
    t.paper("discipline-contact", "receiveTransfer", transfer=hidden["transfer"], receivedOn="2022-11-15")
    t.paper(
        "discipline-contact",
        "answerTransfer",
        transfer=hidden["transfer"],
        handling="preliminary_verification",
        account="另一答复",
        answeredOn="2022-11-30",
    )


# --- the two worlds --------------------------------------------------------------------------------------------------


class World:
    """One of the two, from plan to archive, and what everybody compared was answered after each step."""

    def __init__(self, application: Any, telling: type[whole_round.Telling], module: Any) -> None:
        self.city = application.city
        self.application = application
        self.answers = asking.Answers(self.city, COMPARED, blotted)
        self.steps: list[tuple[str, dict[Key, str]]] = []
        self.telling = telling(self.city, module, told=self.told, stage=self.told)
        self.telling.tell()

    def told(self, verb: str) -> None:
        if self.steps or verb == "people":
            self.steps.append((verb, dict(self.answers.refresh())))

    def whole(self) -> dict[str, Any]:
        """Everything asked for anew, whole answers with their headers."""
        return {
            f"{who} at {audience}": self.answers.all_of(who, audience)
            for who, audiences in COMPARED.items()
            for audience in audiences
        }


class Worlds:
    """Both, and what is in one only."""

    def __init__(self, plain: Any, behind: Any) -> None:
        with whole_round.example() as module, ThreadPoolExecutor(2) as both:
            first = both.submit(World, plain, whole_round.Telling, module)
            second = both.submit(World, behind, Behind, module)
            self.plain, self.behind = first.result(), second.result()
        self.hidden: dict[str, str] = self.behind.telling.hidden
        self._pruned: dict[str, str] = {}

    def without_hidden(self, key: Key, answer: str) -> str:
        """The answer without the rows about what is in one world only, where the person is told of some of it."""
        if key[0] not in TOLD_OF_SOME:
            return answer
        if answer not in self._pruned:
            ids = {id_ for name, id_ in self.hidden.items() if name not in DIRECT}
            self._pruned[answer] = json.dumps(pruned(json.loads(answer), ids))
        return self._pruned[answer]

    def differing(self, one: dict[Key, str], other: dict[Key, str]) -> set[Key]:
        assert one.keys() == other.keys()
        return {
            key
            for key in one.keys() - NOT_COMPARED
            if one[key] != other[key] and self.without_hidden(key, one[key]) != self.without_hidden(key, other[key])
        }


def pruned(value: Any, ids: set[str]) -> Any:
    """The same without each element of a list that names one of these ids."""
    if isinstance(value, dict):
        return {name: pruned(inner, ids) for name, inner in value.items()}
    if isinstance(value, list):
        inside = (pruned(inner, ids) for inner in value)
        return [inner for inner in inside if not any(i in json.dumps(inner) for i in ids)]
    return value


@pytest.fixture(scope="module")
def worlds(make_database: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Worlds]:
    import asyncio

    folder = tmp_path_factory.mktemp("round")
    with ExitStack() as undo:
        found = []
        for name in ("plain", "behind"):
            database = undo.enter_context(make_database(folder / name / "home"))
            found.append(undo.enter_context(running_here(database, asyncio.run, folder / name)))
        made = Worlds(*found)
        undo.callback(made.plain.answers.close)
        undo.callback(made.behind.answers.close)
        yield made


def test_after_every_step_everybody_is_answered_the_same_in_both_worlds(worlds: Worlds) -> None:
    """promises.md §4: from the first step of the round to its close, every list of every audience."""
    assert len(worlds.plain.steps) > 150
    assert [verb for verb, _ in worlds.plain.steps] == [verb for verb, _ in worlds.behind.steps]
    differing = {
        (n, verb, *key)
        for n, ((verb, one), (_, other)) in enumerate(zip(worlds.plain.steps, worlds.behind.steps, strict=True))
        for key in worlds.differing(one, other)
    }
    assert sorted(differing) == []


def test_whole_answers_are_the_same_by_every_byte_and_header_after_the_close(worlds: Worlds) -> None:
    """promises.md §4: everything asked for anew; it is also what was kept from step to step."""
    last = {world: world.steps[-1][1] for world in (worlds.plain, worlds.behind)}
    one, other = worlds.plain.whole(), worlds.behind.whole()
    for name in one:
        if name.partition(" ")[0] not in TOLD_OF_SOME:
            assert one[name] == other[name], name
    for world, kept in last.items():
        assert world.answers.now == kept


def test_what_is_in_one_world_only_is_really_there_and_was_seen_by_whom_it_concerns(worlds: Worlds) -> None:
    """Art. 12 to 17: else there would have been nothing to hide; and an empty answer is the same in both worlds too."""
    hidden, ids = worlds.hidden, worlds.behind.city.ids
    known = worlds.behind.city.database.ask("SELECT DISTINCT stream FROM ledger.entries")
    assert {id_ for name, id_ in hidden.items() if name != "meeting"} <= {stream for (stream,) in known}
    last = worlds.behind.steps[-1][1]
    for key, names in (
        ((CLERK, "office", "petitions"), ("petition 0", "petition 1", "petition 2")),
        ((CLERK, "office", "disposals"), ("clue",)),
        ((CLERK, "office", "suggestions"), ("suggestion",)),
        (("discipline-contact", "organ", "transfers"), ("transfer",)),
        (("discipline-contact", "organ", "deliveries"), ("delivery",)),
        (("group-deputy", "leading-group", "items"), ("clue",)),
    ):
        assert all(hidden[name] in last[key] for name in names), key
    for key, seen in (
        (("unit-head", "unit", "rectifications"), ids["inspection"]),
        (("unit-head", "unit", "suggestions"), ids["suggestion"]),
        (("bureau-head", "unit", "feedback"), ids["other-inspection"]),
        (("organisation-contact", "organ", "transfers"), ids["transfer/appointments"]),
        (("city-leader", "addressee", "deliveries"), ids["informed"]),
        (("group-member", "leading-group", "items"), ids["clue/tender"]),
        (("party-secretary", "leading-group", "directReports"), ids["clue/kept"]),
    ):
        assert seen in last[key], key
    assert any(ids["other-inspection"] in step["other-leader", "team", "duties"] for _, step in worlds.behind.steps)


OTHERS = " of the other team"
NOTICED = {
    "unit-head": {
        *("serveNotice", "receiveNotice", "publishNotice", "publishAnnouncement", "enterUnit", "endInspection"),
        *("requestDocuments", "answerDocumentRequest", "makeSuggestion", "answerSuggestion", "giveFeedback"),
        *("recordFeedbackService", "receiveFeedback", "planItem", "askItemExtension", "decideItemExtension"),
        *("updateItem", "checkItem", "submitRectificationReport", "submitHeadsReport", "returnReport", "publish"),
    },
    "bureau-head": {
        f"{verb}{OTHERS}"
        for verb in (
            *("serveNotice", "recordNoticeService", "publishNotice", "enterUnit", "endInspection", "giveFeedback"),
            *("correctDay", "receiveFeedback", "submitRectificationReport", "submitHeadsReport"),
        )
    },
    "team-recused": {"grantMandate", "holdTraining", "declareRecusal", "decideRecusal"},
    "organisation-contact": {
        *("nominateLeader", f"nominateLeader{OTHERS}", "transferItem", "receiveTransfer", "urgeAnswer"),
        *("answerTransfer", "deliver"),
    },
    "audit-contact": {"deliver", "handlePetition", "returnTransfer"},
    "city-leader": {"deliver"},
    "nobody-in-particular": set(),
}
"""Which steps of the round those see anything of to whom most of it is nothing."""
NOT_NOTICED_BY_THE_OFFICE = {
    *("holdMeeting", "openInquiry", "concludeInquiry", "requestDocuments", "answerDocumentRequest", "saveDraft"),
    *("signReport", "reportDirectly", "nameToKnow", "omitRestrictedClue"),
}
"""What a team does by itself, and what goes past the office."""


def test_whose_answers_a_step_changes(worlds: Worlds) -> None:
    """Art. 5, 13, 14, 17, 23: the world before a step and the world after it are two worlds as well."""
    found: dict[str, set[str]] = {who: set() for who in COMPARED}
    for (_, before), (verb, after) in itertools.pairwise(worlds.plain.steps):
        for key in after:
            if before[key] != after[key]:
                found[key[0]].add(verb)
    assert {who: found[who] for who in NOTICED} == NOTICED
    # Another team sees its own, a mandate of its own that ended, and that the round's work did: of the first, nothing.
    assert {verb for verb in found["other-leader"] if OTHERS not in verb} == {"endMandate", "endRoundsWork"}
    verbs = {verb.removesuffix(OTHERS) for verb, _ in worlds.plain.steps} - set(whole_round.STAGES)
    assert verbs - {verb.removesuffix(OTHERS) for verb in found[CLERK]} == NOT_NOTICED_BY_THE_OFFICE


# --- asking for what may not be there --------------------------------------------------------------------------------

NOBODYS = "00000000-0000-4000-8000-000000000000"
NAMED_AS = {
    "petition": ("petition", "petitions"),
    "clue": ("clue", "clues", "item"),
    "transfer": ("transfer",),
    "delivery": ("delivery", "replyTo"),
    "inquiry": ("inquiry",),
    "suggestion": ("suggestion",),
}
"""By the kind of an id: the fields of commands that take one."""
CODES = {
    "way": "answered",
    "disposalClass": "cadre_discipline",
    "category": "organisational_discipline",
    "managed": "city",
    "on": "member",
    "occasion": "inquiry_answer",
    "handling": "preliminary_verification",
    "outcome": "given",
    "state": "done",
}


def asked_of(world: World, hidden: dict[str, str]) -> dict[str, Any]:
    """Every command of everybody compared that takes an id of such a kind, and every list by id."""
    city, ids = world.city, world.city.ids
    found: dict[str, Any] = {}
    known = {
        "organ": ids["discipline"],
        "recipients": [ids["discipline-contact"]],
        "handler": ids["team-member"],
        "staff": [ids["team-member"]],
        "addressee": ids["party-secretary"],
        "persons": [ids["group-member"]],
        "inspection": ids["inspection"],
    }

    def value(name: str, type_: Any) -> Any:
        plain = get_named_type(type_).name
        if name in known or name in CODES:
            return known.get(name) or CODES[name]
        one = {"Date": "2022-12-20", "Boolean": True, "Int": 1}.get(plain, "x")
        inner = type_.of_type if isinstance(type_, GraphQLNonNull) else type_
        return [one] if is_list_type(inner) else one

    for who, (audience, *_) in COMPARED.items():
        for verb, field in SCHEMAS[audience][1]._schema.mutation_type.fields.items():
            takes = get_named_type(field.args["input"].type).fields
            for name, id_ in hidden.items():
                if who in TOLD_OF_SOME and name not in (*DIRECT, "nobody's clue"):
                    continue
                for named in NAMED_AS.get(id_.partition(":")[0], ()):
                    if named not in takes:
                        continue
                    kind = "item" if audience in ("unit", "team") and named == "item" else id_.partition(":")[0]
                    given = {n: value(n, f.type) for n, f in takes.items() if isinstance(f.type, GraphQLNonNull)}
                    given[named] = f"{kind}:{id_.partition(':')[2]}"
                    given[named] = [given[named]] if named.endswith("s") else given[named]
                    client_id = str(uuid5(NAMESPACE, f"{who}|{verb}|{named}|{name}"))
                    answer = city.do(who, verb, audience=audience, client_id=client_id, **given)
                    found[f"{who} {verb} {named} = {name}"] = (answer.status, answer.headers, answer.body)
        for view in asking.lists(audience):
            wanted = {n: id_ for n, id_ in hidden.items() if who not in TOLD_OF_SOME or n in (*DIRECT, "nobody's clue")}
            query = " ".join(
                f'_{n}: {view}(where: {{id: "{id_}"}}) {{ items {{ id }} next }}'
                for n, id_ in enumerate(wanted.values())
            )
            answer = city.post(who, {"query": f"{{ {query} }}"}, audience)
            assert answer.status == 200, answer
            for name, rows in zip(wanted, answer.json()["data"].values(), strict=True):
                found[f"{who} {view} = {name}"] = rows
    return found


def test_ids_of_what_is_in_one_world_only_are_answered_like_those_of_nothing(worlds: Worlds) -> None:
    """promises.md: outside the caller's view every answer is NOT_FOUND, same bytes, in both worlds."""
    asked = {
        n: worlds.hidden[n] for n in ("petition 0", "clue", "direct", "transfer", "delivery", "inquiry", "suggestion")
    }
    asked |= {f"nobody's {kind}": f"{kind}:{NOBODYS}" for kind in NAMED_AS}
    with ThreadPoolExecutor(2) as both:
        one, other = both.map(asked_of, (worlds.plain, worlds.behind), (asked, asked))
    assert {name for name in one if one[name] != other[name]} == set()
    assert len(one) > 250
    for name, answer in other.items():
        what, _, hidden = name.partition(" = ")
        if not hidden.startswith("nobody's"):
            kind = asked[hidden].partition(":")[0]
            assert answer == other[f"{what} = nobody's {kind}"], name


# --- a check counts once it has been seen to fail --------------------------------------------------------------------


def _shown(view: View, *readers: str) -> View:
    """The view with further readers of every row."""

    def evolve(row: Any, entry: Any, *key: str) -> Any:
        found = view.evolve(row, entry, *key)
        return found and found.model_copy(update={"readers": tuple(dict.fromkeys((*found.readers, *readers)))})

    return replace(view, evolve=evolve)


def _counting(view: View) -> View:
    """The view of the unit's inspections, which takes a petition for a step of its inspection."""

    def key(entry: Any) -> Any:
        return entry.fact.inspection if isinstance(entry.fact, PetitionRegistered) else view.key(entry)

    def evolve(row: Any, entry: Any) -> Any:
        return row.then(entry) if row and isinstance(entry.fact, PetitionRegistered) else view.evolve(row, entry)

    return replace(view, key=key, evolve=evolve)


def _forgetful(view: View) -> View:
    """The view of the office's clues, which forgets that one is restricted."""

    def evolve(row: Any, entry: Any) -> Any:
        if isinstance(entry.fact, ClueReportedDirectly):
            return row
        if isinstance(entry.fact, ClueRegistered):
            entry = replace(entry, fact=entry.fact.model_copy(update={"restricted": None}))
        return view.evolve(row, entry)

    return replace(view, evolve=evolve)


def test_the_comparison_sees_a_leak_to_each_audience(worlds: Worlds) -> None:
    """promises.md: every check has been seen to fail: six views built anew with a mistake, in both worlds."""
    ids = worlds.behind.city.ids
    mistakes: dict[str, Any] = {
        "unit_inspections": _counting,
        "team_own_acts": lambda view: _shown(view, f"acts:{ids['other-leader']}", f"acts:{ids['team-recused']}"),
        "organ_transfers": lambda view: _shown(view, ids["organisation"], ids["audit"]),
        "addressee_deliveries": lambda view: _shown(view, ids["city-leader"]),
        "leading_group_items": lambda view: _shown(view, "group"),
        "office_clues": _forgetful,
    }
    views = [mistakes.get(view.name, lambda v: v)(view) for view in VIEWS]
    for world in (worlds.plain, worlds.behind):
        world.application.projector.stop()
        shelf = Shelf(world.city.database.access.of("projector"), views)
        assert shelf.prepare() == [], "views of the version the API reads, or it would not show them"
        shelf.drop([view for view in views if view.name in mistakes])
        shelf.catch_up()
        shelf.close()
        world.whole()
    assert worlds.differing(worlds.plain.answers.now, worlds.behind.answers.now) == {
        ("unit-head", "unit", "inspections"),
        ("other-leader", "team", "ownActs"),
        ("team-recused", "team", "ownActs"),
        ("organisation-contact", "organ", "transfers"),
        ("audit-contact", "organ", "transfers"),
        ("city-leader", "addressee", "deliveries"),
        ("group-member", "leading-group", "items"),
        (CLERK, "office", "clues"),
    }
