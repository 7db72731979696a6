"""What every fact is made of: texts that do not leak, values with one stored form, ids that stay."""

import copy
import json
import logging
import pickle
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any, ClassVar, Literal
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError
from pydantic_core import PydanticSerializationError

from domain.facts import ANY_FACT
from domain.kernel import (
    LIST_LIMIT,
    SHANGHAI,
    TEXT_LIMIT,
    Authenticated,
    Code,
    Command,
    Content,
    Entry,
    Fact,
    Happened,
    Identity,
    Label,
    Paper,
    PersonId,
    Precision,
    Seal,
    Sealed,
    Secret,
    Source,
    Stamp,
    Value,
    day_of,
    derived_id,
    ids_in,
    iso,
    placed,
    plain,
    secrets_of,
)

WORDS = "张三举报李四"
WHO, BODY, KEY = derived_id("person", "1"), derived_id("body", "1"), derived_id("key", "1")
SEALED = Sealed(key=KEY, digest="ab" * 32, box="AAAA")
BOX = {"key": KEY, "digest": "ab" * 32, "box": "AAAA"}


class Inner(Value):
    """Holds a source."""

    name: Identity
    alias: Identity | None = None


class Outer(Command):
    """Holds texts at every depth."""

    code: Code = "one"
    who: PersonId = WHO
    text: Content
    note: Content | None = None
    inner: Inner | None = None
    many: tuple[Inner, ...] = ()


class Untargeted(Command):
    """Is about nothing yet."""

    word: str


class Loose(Value):
    """Forgets to say which seal."""

    text: Secret


class Bare(Value):
    """A list of texts without a value around each."""

    texts: tuple[Content, ...]


class Plain(Value):
    """One field of every kind that can be stored."""

    flag: bool
    number: int
    day: date
    instant: datetime
    seal: Seal
    id: UUID
    parts: tuple[str, ...]
    nothing: str | None = None


# --- a text does not leak ---------------------------------------------------------------------------------------------


def test_a_secret_cannot_be_printed_formatted_or_logged(caplog: pytest.LogCaptureFixture) -> None:
    """Article 24(3); promises.md §5.1."""
    secret = Secret(WORDS)
    logging.getLogger("test").warning("%s %r", secret, Outer(text=secret))
    shown = [str(secret), repr(secret), f"{secret}", f"{secret:>99}", f"{secret!r:}", "%s" % secret, caplog.text]  # noqa: UP031
    shown += [
        str(Outer(text=secret).model_dump()),
        repr([secret]),
        str({"text": secret}),
        repr(Outer(text=secret, inner=Inner(name=secret))),
    ]
    assert WORDS not in "".join(shown)
    assert secret.reveal() == WORDS


@pytest.mark.parametrize(
    "serialise",
    [
        pickle.dumps,
        copy.copy,
        copy.deepcopy,
        lambda secret: pickle.dumps(Outer(text=secret)),
        lambda secret: json.dumps({"text": secret}),
        lambda secret: Outer(text=secret).model_dump_json(),
        lambda secret: Outer(text=secret).model_dump(mode="json"),
        lambda secret: Outer(text="一", inner=Inner(name=secret)).model_dump_json(),
        lambda secret: Outer(text="一", many=(Inner(name="二", alias=secret),)).model_dump_json(),
    ],
)
def test_a_secret_cannot_be_serialised(serialise: Any) -> None:
    """Article 24(3)."""
    with pytest.raises((TypeError, PydanticSerializationError)) as error:
        serialise(Secret(WORDS))
    assert WORDS not in str(error.value)


@pytest.mark.parametrize(
    "given_",
    [
        {"text": WORDS + "\x00"},
        {"text": WORDS, "who": WORDS},
        {"text": WORDS, "code": WORDS},
        {"text": WORDS, "inner": {"name": WORDS, "alias": WORDS + "\u202e"}},
        {"text": WORDS, "many": [{"name": WORDS}, {"alias": WORDS}]},
        {"text": WORDS, "unknown": WORDS},
        {"text": [WORDS]},
        {"text": {"key": WORDS, "digest": WORDS, "box": WORDS}},
    ],
)
def test_the_error_of_a_command_never_holds_what_was_written(given_: dict[str, Any]) -> None:
    """Article 24(3): nor does a fact's."""
    with pytest.raises(ValidationError) as error:
        Outer.model_validate(given_)
    with pytest.raises(ValidationError) as unknown:
        ANY_FACT.validate_python({"kind": "petition.instructed.v1", **given_})
    said = [str(error.value), repr(error.value), str(unknown.value)]
    said.append(str(error.value.errors(include_input=False, include_url=False)))
    assert WORDS not in "".join(said)


def test_a_command_brings_no_closed_box() -> None:
    """Article 13: what is sealed in one place of the ledger is not carried to another by asking."""
    for inside in ({"text": SEALED}, {"text": "一", "note": BOX}, {"text": "一", "many": [{"name": BOX}]}):
        with pytest.raises(ValidationError, match="text_ill_formed"):
            Outer.model_validate(inside)


# --- what a text may be -----------------------------------------------------------------------------------------------


def test_a_text_is_kept_in_normal_form_c() -> None:
    """Conventions of the ledger: NFC; two spellings of one text are equal."""
    assert Secret("e\u0301").reveal() == "é"
    assert Secret("e\u0301") == Secret("é")
    assert hash(Secret("e\u0301")) == hash(Secret("é"))
    assert Secret("a") != "a"


@pytest.mark.parametrize(
    "character",
    [
        "\x00",
        "\x07",
        "\r",
        "\x7f",
        "\x85",
        "\u200b",
        "\u202a",
        "\u202e",
        "\u2066",
        "\u2069",
        "\ufeff",
        "\ud800",
        "\ue000",
        "\uffff",
        "\U0002ffff",
        "\U000e0041",
    ],
)
def test_control_bidi_and_other_invisible_characters_are_refused(character: str) -> None:
    """Conventions of the ledger: no text that reads otherwise than it is stored."""
    with pytest.raises(ValueError, match=r"^text_ill_formed$"):
        Secret(f"甲{character}乙")


@pytest.mark.parametrize("text", ["两行\n一表\t", "𠮷", "\U000323af", "\U00031350", "👍", "a\u0300"])
def test_lines_tabs_and_rare_ideographs_are_texts(text: str) -> None:
    """Articles 3 to 5: a rare name is a name, also one newer than this Python."""
    assert Secret(text).reveal()


@pytest.mark.parametrize(
    ("length", "fault"), [(TEXT_LIMIT - 1, None), (TEXT_LIMIT, None), (TEXT_LIMIT + 1, "text_too_long")]
)
def test_a_text_has_twenty_thousand_characters_at_most(length: int, fault: str | None) -> None:
    """Conventions of the ledger."""
    assert TEXT_LIMIT == 20_000
    if fault is None:
        assert len(Secret("字" * length).reveal()) == length
    else:
        with pytest.raises(ValueError, match=fault):
            Secret("字" * length)


@pytest.mark.parametrize("text", ["", " ", "\n\t", "\u3000"])
def test_an_empty_text_is_none(text: str) -> None:
    """Conventions of the ledger: absent is said by leaving out."""
    with pytest.raises(ValueError, match=r"^text_empty$"):
        Secret(text)


@given(st.text(max_size=50))
def test_no_fault_of_a_text_repeats_it(text: str) -> None:
    """Article 24(3)."""
    try:
        assert Secret(text).reveal().strip()
    except ValueError as fault:
        assert str(fault) in {"text_empty", "text_too_long", "text_ill_formed"}  # noqa: PT017  no other text


# --- seals ------------------------------------------------------------------------------------------------------------


def test_every_secret_is_found_with_its_path_and_its_seal() -> None:
    """promises.md §5.1: nested, optional and in lists; a closed box is none."""
    value = Outer(
        text="一",
        note="二",
        inner=Inner(name="三", alias="四"),
        many=(Inner(name="五"), Inner(name="六", alias="七")),
    )
    found = [(path, seal, secret.reveal()) for path, seal, secret in secrets_of(value, "/payload")]
    assert found == [
        ("/payload/text", Seal.CONTENT, "一"),
        ("/payload/note", Seal.CONTENT, "二"),
        ("/payload/inner/name", Seal.IDENTITY, "三"),
        ("/payload/inner/alias", Seal.IDENTITY, "四"),
        ("/payload/many/0/name", Seal.IDENTITY, "五"),
        ("/payload/many/1/name", Seal.IDENTITY, "六"),
        ("/payload/many/1/alias", Seal.IDENTITY, "七"),
    ]
    assert list(secrets_of(Inner(name=SEALED))) == []


@pytest.mark.parametrize("value", [Loose(text="一"), Bare(texts=("一",))])
def test_a_text_that_does_not_say_its_seal_is_an_error(value: Value) -> None:
    """promises.md §5.1."""
    with pytest.raises(TypeError):
        list(secrets_of(value))


# --- the stored form --------------------------------------------------------------------------------------------------


def test_the_stored_form_is_strings_whole_numbers_lists_and_objects() -> None:
    """None is left out, truth values become 0 and 1, texts become their boxes."""
    at = datetime(2015, 10, 8, 8, 30, tzinfo=SHANGHAI)
    value = Plain(
        flag=True, number=3, day=date(2015, 10, 8), instant=at, seal=Seal.IDENTITY, id=UUID(int=1), parts=("a", "b")
    )
    stored = plain(value)
    assert stored == {
        "flag": 1,
        "number": 3,
        "day": "2015-10-08",
        "instant": "2015-10-08T00:30:00.000000Z",
        "seal": "identity",
        "id": "00000000-0000-0000-0000-000000000001",
        "parts": ["a", "b"],
    }
    assert [type(stored[name]) for name in ("flag", "seal")] == [int, str]
    assert Plain.model_validate(stored) == value.model_copy(update={"instant": at.astimezone(UTC)})
    boxes = {"/payload/text": BOX, "/payload/inner/name": BOX}
    assert plain(Outer(text="一", inner=Inner(name="二")), boxes, "/payload") == {
        "code": "one",
        "who": WHO,
        "text": BOX,
        "inner": {"name": BOX},
        "many": [],
    }
    assert plain(SEALED.model_copy(update={"at": "somewhere"})) == BOX


@pytest.mark.parametrize("value", [1.0, 0.5, float("nan"), b"x", {1}, {"a": 1}, timedelta(1), None])
def test_what_has_no_stored_form_is_an_error(value: object) -> None:
    """No float ever: its canonical form differs between languages."""
    with pytest.raises(TypeError):
        plain((value,))


def test_a_secret_without_its_box_is_never_stored() -> None:
    """promises.md §5.1."""
    with pytest.raises(KeyError) as error:
        plain(Outer(text=WORDS))
    assert WORDS not in str(error.value)


def test_instants_are_stored_in_utc_with_microseconds() -> None:
    """Conventions of the ledger: a time without zone is an error."""
    assert iso(datetime(2015, 10, 8, 7, 59, 59, 1, tzinfo=SHANGHAI)) == "2015-10-07T23:59:59.000001Z"
    with pytest.raises(ValueError, match="naive"):
        iso(datetime(2015, 10, 8))  # noqa: DTZ001  what is refused


@pytest.mark.parametrize(
    ("instant", "day"),
    [
        (datetime(2015, 10, 7, 15, 59, 59, 999_999, tzinfo=UTC), date(2015, 10, 7)),
        (datetime(2015, 10, 7, 16, 0, tzinfo=UTC), date(2015, 10, 8)),
        (datetime(2015, 10, 7, 23, 0, tzinfo=timezone(timedelta(hours=-5))), date(2015, 10, 8)),
    ],
)
def test_a_day_is_a_day_in_shanghai(instant: datetime, day: date) -> None:
    """promises.md §2."""
    assert day_of(instant) == day


def test_every_box_is_told_where_it_stands() -> None:
    """A box opens at that place only."""
    raw = {"payload": {"text": BOX, "many": [{"name": BOX}], "key": "x"}, "stamp": {"paper": {"reference": BOX}}}
    told = placed(raw, "petition:1|2|kind")
    assert told["payload"]["text"] == {**BOX, "at": "petition:1|2|kind|/payload/text"}
    assert told["payload"]["many"][0]["name"]["at"] == "petition:1|2|kind|/payload/many/0/name"
    assert told["stamp"]["paper"]["reference"]["at"] == "petition:1|2|kind|/stamp/paper/reference"
    assert told["payload"]["key"] == "x"


def test_the_subjects_of_a_payload_are_its_ids_but_not_its_keys() -> None:
    """promises.md §5.2: persons, bodies and matters, at every depth."""
    raw = {"who": WHO, "list": [{"body": BODY}, "text", 3], "text": BOX, "near": WHO + "\n", "within": f"see {WHO}"}
    assert list(ids_in(raw)) == [WHO, BODY]


# --- ids and entries --------------------------------------------------------------------------------------------------


def test_a_derived_id_never_changes() -> None:
    """Stored for ever: the namespace and the way of joining are frozen."""
    assert derived_id("recusal", "a", "b") == "recusal:db670572-a36f-5398-b003-9c92f892f7a7"
    assert derived_id("recusal", "a", "b") != derived_id("recusal", "b", "a")
    assert derived_id("body", "a") != derived_id("person", "a").replace("person", "body")


class Something(Fact):
    """A fact of this test."""

    label: ClassVar[Label] = Label.SYSTEM
    kind: Literal["test.happened.v1"] = "test.happened.v1"


def entry(position: int, stream: str, version: int, command: int, ordinal: int) -> Entry[Something]:
    now = datetime(2015, 10, 8, tzinfo=UTC)
    stamp: Any = None
    return Entry(position, stream, version, now, stamp, Something(), UUID(int=command), ordinal)


def test_an_entrys_key_names_it_by_command_and_ordinal_and_hides_its_position() -> None:
    """promises.md §4: a name that tells nothing of how many others there are."""
    assert entry(1, BODY, 1, command=1, ordinal=0).key == entry(99, BODY, 1, command=1, ordinal=0).key
    assert entry(1, BODY, 1, command=1, ordinal=0).key == UUID("7910a7a9-5ac6-5246-9183-4aa07928326a")


def test_an_entrys_key_cannot_be_made_up_from_its_stream_and_version() -> None:
    """promises.md §4: who knows a matter and counts its entries, but not the command, names none of them."""
    key = entry(1, BODY, 1, command=1, ordinal=0).key
    assert key == entry(1, WHO, 7, command=1, ordinal=0).key
    assert key != entry(1, BODY, 1, command=2, ordinal=0).key
    assert len({entry(1, BODY, 1, command=c, ordinal=o).key for c in range(12) for o in range(12)}) == 144


class Listing(Command):
    """Two lists, one of what cannot be right."""

    people: tuple[PersonId, ...] = ()
    words: tuple[str, ...] = ()


@pytest.mark.parametrize("made", [list, tuple])
def test_a_list_of_a_command_ends_at_two_hundred(made: type) -> None:
    """promises.md §1: said of the list, once, before any of its entries is looked at."""
    assert len(Listing(words=made(["x"] * LIST_LIMIT)).words) == LIST_LIMIT == 200
    with pytest.raises(ValidationError) as no:
        Listing(people=made(["nobody"] * (LIST_LIMIT + 1)), words=made(["x"] * 201))
    assert [(error["loc"], error["msg"]) for error in no.value.errors()] == [
        (("people",), "Value error, list_too_long"),
        (("words",), "Value error, list_too_long"),
    ]


def test_the_target_of_a_command_is_the_first_id_it_names() -> None:
    """Article 24(4): named in a refused attempt."""
    assert Outer(text="一").target() == WHO
    assert Untargeted(word="person:1").target() is None


# --- the stamp --------------------------------------------------------------------------------------------------------

STAMP: dict[str, Any] = {
    "recorder": WHO,
    "doer": derived_id("person", "2"),
    "capacity": "team",
    "happened": {"precision": "day", "source": "paper", "asserted_by": WHO, "on": "2015-10-08"},
    "authenticated": {"method": "jwt:EdDSA"},
    "command": {"id": str(UUID(int=1)), "name": "EnterUnit", "digest": "ab" * 32},
    "software": "xuncha 0.1.0",
    "label": "inspection",
    "subjects": [WHO],
}


@pytest.mark.parametrize("sign_in", [None, derived_id("sign-in", "1")])
def test_a_stamp_says_how_the_signer_was_proven_and_may_say_by_which_sign_in(sign_in: str | None) -> None:
    """promises.md §2: a process has a method and no sign-in."""
    proven = {"method": "jwt:EdDSA"} if sign_in is None else {"method": "jwt:EdDSA", "sign_in": sign_in}
    stamp = Stamp.model_validate({**STAMP, "authenticated": proven})
    assert stamp.authenticated == Authenticated(method="jwt:EdDSA", sign_in=sign_in)
    assert plain(stamp)["authenticated"] == proven


@pytest.mark.parametrize(
    "authenticated",
    [
        "jwt",
        {},
        {"method": ""},
        {"method": "张三"},
        {"method": "a token of Anna"},
        {"method": "1jwt"},
        {"method": "j" * 61},
        {"method": "jwt\n"},
        {"sign_in": derived_id("sign-in", "1")},
        {"method": "jwt", "sign_in": WHO},
        {"method": "jwt", "sign_in": "anna@example.org"},
        {"method": "jwt", "subject": "anna"},
    ],
)
def test_how_a_signer_was_proven_is_a_name_of_ours_and_holds_nothing_of_the_token(authenticated: object) -> None:
    """promises.md §5.2: never a subject in the clear."""
    with pytest.raises(ValidationError):
        Stamp.model_validate({**STAMP, "authenticated": authenticated})


def test_a_method_has_sixty_characters_at_most() -> None:
    """Conventions of the ledger."""
    assert Authenticated(method="j" * 60).method == "j" * 60


@pytest.mark.parametrize("name", ["grounds", "recorded_under"])
def test_what_doer_and_recorder_acted_under_is_an_id_or_left_out(name: str) -> None:
    """Articles 4(5), 5: the doer's mandate or appointment, and the recorder's own where another's act is entered."""
    assert name not in plain(Stamp.model_validate(STAMP))
    under = derived_id("appointment", "1")
    stamp = Stamp.model_validate({**STAMP, name: under})
    assert (getattr(stamp, name), plain(stamp)[name]) == (under, under)
    for wrong in ("办公室主任", "office_director", "appointment:1"):
        with pytest.raises(ValidationError):
            Stamp.model_validate({**STAMP, name: wrong})


# --- when a thing happened --------------------------------------------------------------------------------------------

DAY = date(2015, 10, 25)
AT = datetime(2015, 10, 25, 1, tzinfo=UTC)


def happened(precision: Precision, on: date | None = None, at: datetime | None = None) -> Happened:
    return Happened(precision=precision, source=Source.PAPER, asserted_by=WHO, on=on, at=at)


@pytest.mark.parametrize(
    ("known", "earliest"),
    [
        (happened(Precision.MINUTE, DAY, AT), DAY),
        (happened(Precision.DAY, DAY), DAY),
        (happened(Precision.EARLY_MONTH, date(2015, 10, 1)), date(2015, 10, 1)),
        (happened(Precision.EARLY_MONTH, date(2015, 10, 10)), date(2015, 10, 1)),
        (happened(Precision.MID_MONTH, date(2015, 10, 11)), date(2015, 10, 11)),
        (happened(Precision.MID_MONTH, date(2015, 10, 20)), date(2015, 10, 11)),
        (happened(Precision.LATE_MONTH, date(2015, 10, 21)), date(2015, 10, 21)),
        (happened(Precision.LATE_MONTH, date(2015, 10, 31)), date(2015, 10, 21)),
        (happened(Precision.UNKNOWN), None),
    ],
)
def test_a_time_says_the_first_day_it_can_have_been(known: Happened, earliest: date | None) -> None:
    """promises.md §2."""
    assert known.earliest() == earliest


@pytest.mark.parametrize(
    ("precision", "on", "at", "fault"),
    [
        (Precision.DAY, None, None, "precision_needs_date"),
        (Precision.EARLY_MONTH, date(2015, 10, 11), None, "precision_contradicts_day"),
        (Precision.MID_MONTH, date(2015, 10, 10), None, "precision_contradicts_day"),
        (Precision.MID_MONTH, date(2015, 10, 21), None, "precision_contradicts_day"),
        (Precision.LATE_MONTH, date(2015, 10, 20), None, "precision_contradicts_day"),
        (Precision.UNKNOWN, DAY, None, "precision_needs_date"),
        (Precision.MINUTE, DAY, None, "precision_needs_minute"),
        (Precision.DAY, DAY, AT, "precision_needs_minute"),
        (Precision.MINUTE, DAY, datetime(2015, 10, 25, 16, tzinfo=UTC), "dates_contradict"),
        (Precision.MINUTE, DAY, datetime(2015, 10, 25, 9), "timezone"),  # noqa: DTZ001  what is refused
    ],
)
def test_a_time_is_as_exact_as_it_says(precision: Precision, on: date | None, at: datetime | None, fault: str) -> None:
    """promises.md §2: no day where nothing is known, no minute where a day is."""
    with pytest.raises(ValidationError, match=fault):
        happened(precision, on, at)


@pytest.mark.parametrize("asserted_by", ["张三", "person:1", "system:", "body:" + "0" * 36])
def test_only_a_person_or_a_process_asserts_a_time(asserted_by: str) -> None:
    """promises.md §5.2: never a name in the clear."""
    with pytest.raises(ValidationError):
        Happened(precision=Precision.DAY, source=Source.PAPER, asserted_by=asserted_by, on=DAY)


def test_the_reference_of_a_paper_is_sealed() -> None:
    """Article 28."""
    assert [(path, seal) for path, seal, _ in secrets_of(Paper(reference=Secret("义巡〔2015〕1号")))] == [
        ("/reference", Seal.CONTENT)
    ]
