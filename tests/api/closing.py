"""What the tests of report and feedback share: facts other parts of the work bring, and the way to a report."""

import asyncio
import json
from datetime import UTC, date, datetime
from typing import Any
from uuid import uuid4

from api.composition import read_master_key
from application.ledger import Ledger, system_stamp
from application.seals import KeyStore
from domain.clues import ClueListed, register_of
from domain.kernel import Fact, Secret, derived_id
from domain.teams import MeetingHeld, MeetingItem

DIRECTOR = "office-director"
TEAM, TOWN = "team-leader", "town/inspection"


def append(city: Any, stream: str, fact: Fact) -> None:
    """A fact at the end of a stream, as the application itself would seal it."""

    async def write() -> None:
        folder = city.database.home / "keys"
        keys = KeyStore(folder, read_master_key(folder / "master.key", make=False), "xuncha:test")
        ledger = Ledger(city.database.access.of("writer"), keys)
        await ledger.start()
        try:
            version = (await ledger.entries(stream))[-1].version
            command = uuid4()
            stamp = system_stamp("test", "Test", command, datetime.now(UTC))
            await ledger.append(command, stamp, {stream: (version, [fact])})
        finally:
            await ledger.stop()
            keys.close()

    asyncio.run(write())


def meet(city: Any, unit: str = "town", leader: str = TEAM, on: int = 9) -> None:
    """The team affairs meeting discussed the report."""
    text = Secret("研究巡查报告")
    about = city.ids[f"{unit}/inspection"]
    held = MeetingHeld(
        team=city.ids[f"{unit}/team"],
        round=city.ids["round"],
        meeting=derived_id("meeting", unit),
        attendees=(city.ids[leader],),
        absentees=(),
        items=(MeetingItem(kind="matter_to_report", about=about, subject=text, conclusion=text),),
        held_on=date.fromisoformat(city.ago(on)),
    )
    append(city, held.team, held)


def restrict(city: Any, clue: str, unit: str = "town", restricted: int = 1) -> None:
    """The clue is reported directly; or, with 0, released."""
    inspection = city.ids[f"{unit}/inspection"]
    listed = ClueListed.model_validate({"inspection": inspection, "clue": clue, "restricted": restricted})
    append(city, register_of(inspection), listed)


def found(category: str = "organisational_discipline", **changes: Any) -> dict[str, Any]:
    """A problem as it is written into a draft."""
    return {"category": category, "text": "问题原文", "causes": "原因分析", "suggestion": "意见建议", **changes}


def draft(city: Any, subject: str = TEAM, unit: str = "town", on: int = 9, **changes: Any) -> str:
    given = {"inspection": city.ids[f"{unit}/inspection"], "overview": "巡查概况", "savedOn": city.ago(on), **changes}
    return str(city.done(subject, "saveDraft", **given))


def sign_and_submit(city: Any, number: int, subject: str = TEAM, unit: str = "town", *, on: int = 8) -> None:
    inspection = city.ids[f"{unit}/inspection"]
    city.done(subject, "signReport", inspection=inspection, draft=number, signedOn=city.ago(on))
    given = {"inspection": inspection, "recipients": [city.ids[DIRECTOR]], "submittedOn": city.ago(on - 1)}
    city.done(subject, "submitReport", **given)


def unit_answers(city: Any) -> list[Any]:
    """Everything the head of the unit is answered, by bytes: lists, details, and asking for what may not be there."""
    steps = "steps { id kind doer recorder happened { on } recordedAt }"
    due = "{ dueOn state metOn }"
    queries = (
        f"{{ inspections {{ items {{ id status noticeOn enteredOn endedOn publication {due} {steps} }} next }} }}",
        f"{{ feedback {{ items {{ id status overview {{ text }} {steps} }} next }} }}",
        "{ bodies { items { id name { text } } next } me { person capacity } }",
    )
    answers = [city.post("town-head", {"query": query}) for query in queries]
    for inspection in (city.ids[TOWN], "inspection:00000000-0000-4000-8000-000000000000"):
        # A day before any feedback: asking does not receive what has meanwhile been given.
        given = {"inspection": inspection, "receivedOn": city.ago(43)}
        answers.append(city.do("town-head", "receiveFeedback", once_more=str(uuid4()), **given))
    return answers


def recorded(city: Any, inspection: str, kind: str, fact: str) -> dict[str, Any]:
    """The last fact of this kind in the inspection's stream, as the ledger holds it."""
    stream = derived_id(kind, city.ids[inspection])
    statement = "SELECT body FROM ledger.entries WHERE stream = %s AND kind = %s ORDER BY version DESC LIMIT 1"
    ((body,),) = city.database.ask(statement, stream, fact)
    return dict(json.loads(bytes(body))["payload"])


def recorded_in(city: Any, fact: str) -> Any:
    """The command the first fact of this kind came by."""
    statement = "SELECT command FROM ledger.entries WHERE kind = %s ORDER BY position LIMIT 1"
    ((command,),) = city.database.ask(statement, fact)
    return command
