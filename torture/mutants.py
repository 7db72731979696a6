"""`make mutants`: every protection taken away in turn, in a copy of the sources, and the test that must then turn red.

`python -m torture.mutants [WORD] [--workers 2]`. A patch is search → replace and must apply exactly once, so that a
table that has fallen behind the sources is noticed. A mutation that stays green has no test: exit code 1.
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

from embedded import postgres
from embedded.processes import end_session

ROOT = Path(__file__).resolve().parents[1]
_COPIED = ("src", "tests", "torture", "examples", "schema", "docs", "ADR", "pyproject.toml", "Makefile")
_TEST_WITHIN = 180
_SPOILT = re.compile(r"^E\s+(?:SyntaxError|IndentationError|NameError|UnboundLocalError|ImportError).*", re.MULTILINE)
RED, GREEN, BROKEN = "red", "GREEN", "BROKEN"


class Mutant(NamedTuple):
    """A protection, how it is taken away, and who must notice."""

    protection: str
    file: str
    patches: tuple[tuple[str, str], ...]
    test: str


def _one(protection: str, file: str, search: str, replace: str, test: str) -> Mutant:
    return Mutant(protection, file, ((search, replace),), test)


LEDGER, SHELF, SEALS, BACKUPS = (
    "application/ledger.py",
    "projections/shelf.py",
    "application/seals.py",
    "application/backups.py",
)
FIRST, SECOND = "application/migrations/0001_ledger.sql", "application/migrations/0002_checkpoints.sql"
ENTRIES, LOGS, CHECKING, SEALER = (
    f"application/sealing/{name}.py" for name in ("entries", "logs", "checking", "sealer")
)
CATALOGUE, CHECK = "application/catalogue.sql", "api/checking.py"
VERIFY, WITNESS = "sealedlog/verify.py", "sealedlog/witness.py"

_L, _S, _R, _SH, _DB = (
    "tests/application/test_ledger.py::test_",
    "tests/application/test_sealing.py::test_",
    "tests/application/test_restores.py::test_",
    "tests/projections/test_shelf.py::test_",
    "tests/application/test_database.py::test_",
)
_CLI, _GUARDS = "tests/api/test_cli.py::test_", _DB + "what_a_superuser_does_to_the_guards_is_named"
_EDIT = _S + "what_a_superuser_changes_is_seen_and_named"
_V = "tests/sealedlog/test_verify.py::test_a_fault_is_found_and_named"
_W = "tests/sealedlog/test_witness.py::test_"

MUTANTS = (
    # --- the database ------------------------------------------------------------------------------------------
    _one(
        "every insert takes the ordering lock",
        FIRST,
        "    PERFORM pg_advisory_xact_lock(7239015802731);\n",
        "",
        _L + "an_insert_left_open_lets_nobody_by",
    ),
    _one(
        "positions are dense",
        FIRST,
        "    IF first_position <> coalesce(head_position, 0) + 1 OR last_position - first_position + 1 <> how_many\n"
        "       OR end_position <> last_position THEN",
        "    IF false THEN",
        _L + "a_position_with_a_hole_before_it_is_refused",
    ),
    _one(
        "a hole is not filled again",
        FIRST,
        "\n       OR end_position <> last_position THEN",
        " THEN",
        _L + "a_position_with_a_hole_before_it_is_refused",
    ),
    _one(
        "recorded_at rises, by the database",
        FIRST,
        "IF earliest <= head_recorded_at OR earliest <> latest THEN",
        "IF earliest < head_recorded_at THEN",
        _L + "a_position_with_a_hole_before_it_is_refused",
    ),
    _one(
        "… and is finite",
        FIRST,
        " CHECK (isfinite(recorded_at))",
        "",
        _L + "a_position_with_a_hole_before_it_is_refused",
    ),
    _one(
        "entries are append-only",
        FIRST,
        "CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger.entries",
        "CREATE TRIGGER append_only BEFORE UPDATE OR TRUNCATE ON ledger.entries",
        _DB + "nobody_changes_what_is_on_record",
    ),
    _one(
        "… also as a replica",
        FIRST,
        "ALTER TABLE ledger.entries ENABLE ALWAYS TRIGGER append_only;\n",
        "",
        _DB + "nobody_changes_what_is_on_record",
    ),
    _one(
        "migrations are append-only",
        FIRST,
        "CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger.migrations",
        "CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON ledger.migrations",
        _DB + "nobody_changes_what_is_on_record",
    ),
    _one(
        "checkpoints are append-only",
        SECOND,
        "CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger.checkpoints",
        "CREATE TRIGGER append_only BEFORE UPDATE OR TRUNCATE ON ledger.checkpoints",
        _DB + "nobody_changes_what_is_on_record " + _DB + "each_role_may_do_what_it_needs_and_no_more",
    ),
    _one(
        "who reads the views reads no entry",
        FIRST,
        "GRANT SELECT ON ledger.migrations TO {writer}, {projector}, {reader};",
        "GRANT SELECT ON ledger.migrations, ledger.entries TO {writer}, {projector}, {reader};",
        _DB + "each_role_may_do_what_it_needs_and_no_more",
    ),
    _one(
        "a trigger that is switched off is seen",
        CATALOGUE,
        "'enabled', g.tgenabled)",
        "'enabled', 'A')",
        _GUARDS,
    ),
    _one(
        "a policy is seen",
        CATALOGUE,
        "FROM pg_policy AS p JOIN tables AS t ON t.oid = p.polrelid\n",
        "FROM pg_policy AS p JOIN tables AS t ON false\n",
        _GUARDS,
    ),
    _one(
        "a rule is seen",
        CATALOGUE,
        "WHERE t.relkind <> 'v' OR r.rulename <> '_RETURN'",
        "WHERE false",
        _GUARDS,
    ),
    _one(
        "what a role may become is seen",
        CATALOGUE,
        "JOIN known AS k ON k.oid = m.member JOIN",
        "JOIN known AS k ON false JOIN",
        _GUARDS,
    ),
    _one(
        "what a role was told is seen",
        CATALOGUE,
        "WHERE (s.setrole = 0 OR k.oid IS NOT NULL)",
        "WHERE s.setrole = 0",
        _GUARDS,
    ),
    _one(
        "a grant on a column is seen",
        CATALOGUE,
        "WHERE a.attacl IS NOT NULL",
        "WHERE false",
        _GUARDS,
    ),
    _one(
        "a table that is read with another is seen",
        CATALOGUE,
        "JOIN tables AS t ON t.oid = i.inhparent",
        "JOIN tables AS t ON false",
        _GUARDS,
    ),
    _one(
        "what is there and should not be is seen",
        "application/catalogue.py",
        "            if line in known:\n",
        "            if line not in known:\n                continue\n            if True:\n",
        _GUARDS,
    ),
    _one(
        "what is not there and should be is seen",
        "application/catalogue.py",
        "        differences += [",
        "        _ = [",
        _GUARDS,
    ),
    _one(
        "whoever serves is shown what is sealed",
        "application/catalogue.py",
        "        if each != seen[0]\n",
        "        if each is None\n",
        _DB + "whoever_is_shown_another_ledger_than_is_sealed_is_named",
    ),
    _one(
        "no ledger is opened over changed guards",
        "api/composition.py",
        '        refuse_changed_guards(access, "writer")\n',
        "        pass\n",
        _CLI + "nothing_starts_over_changed_guards_and_check_and_verify_name_them",
    ),
    _one(
        "a careless server is refused at the start",
        "application/database.py",
        'if row is None or row[0] == "off":',
        "if row is None:",
        _DB + "a_server_that_could_lose_what_it_acknowledged_is_refused",
    ),
    _one(
        "the embedded server waits for the disk",
        "embedded/postgres.py",
        '    "fsync": "on",\n',
        '    "fsync": "off",\n',
        "tests/embedded/test_postgres.py::test_the_server_keeps_what_it_acknowledged_and_speaks_utc_and_utf8",
    ),
    # --- the ledger --------------------------------------------------------------------------------------------
    _one(
        "what the database swallows is not acknowledged",
        LEDGER,
        "count(*) / (count(*) = %(count)s)::int AS added",
        "count(*) AS added",
        _L + "what_the_database_swallows_is_not_acknowledged",
    ),
    _one(
        "a stream that moved is a conflict",
        LEDGER,
        "elif any(current[stream] != version for stream, version in w.expected.items()):",
        "elif False:",
        _L + "a_stream_that_was_only_read_and_has_moved_is_a_conflict",
    ),
    _one(
        "a conflict fails only its caller",
        LEDGER,
        "                results.append((w, Conflict()))\n",
        "                raise Conflict\n",
        _L + "a_lost_race_fails_only_its_caller_in_a_batch",
    ),
    _one(
        "a command is taken once",
        LEDGER,
        "            if w.command in answered:\n",
        "            if False:\n",
        _L + "a_command_sent_again_gets_its_first_answer_and_has_no_second_effect",
    ),
    _one(
        "a lost answer is looked for",
        LEDGER,
        "            await self._transaction([w for w in batch if not w.answer.done()])\n",
        "            raise\n",
        _L + "an_answer_lost_after_commit_is_found_again",
    ),
    _one(
        "a session waits for the disk whatever it was told",
        LEDGER,
        "SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'",
        "SELECT 1",
        _L + "a_session_told_not_to_wait_for_the_disk_waits",
    ),
    _one(
        "nothing is written to a server with fsync off",
        LEDGER,
        "                if off:\n",
        "                if False:\n",
        _L + "a_server_made_careless_later_is_not_written_to",
    ),
    _one(
        "recorded_at rises, by the writer",
        LEDGER,
        "recorded_at = max(clock, last + timedelta(microseconds=1)) if last else clock",
        "recorded_at = clock",
        _L + "a_clock_that_stepped_back_is_on_record_once_and_time_goes_on_rising",
    ),
    _one(
        "a step back of the clock is on record",
        LEDGER,
        "        if not stepped and not (behind and not self._clock_behind):\n",
        "        if True:\n",
        _L + "a_clock_that_stepped_back_is_on_record_once_and_time_goes_on_rising",
    ),
    _one(
        "what the database does not take fails only its caller",
        LEDGER,
        "                await self._append_singly(part)\n",
        "                _fail(part, Rejected())\n",
        _L + "a_fact_that_cannot_be_stored_fails_only_its_caller",
    ),
    _one(
        "a command's id is scoped to who signed in",
        "application/acts.py",
        'f"command|{self.signer}|{self.client_id}"',
        'f"command|{self.client_id}"',
        "tests/application/test_acts.py",
    ),
    _one(
        "the same id with other content is refused",
        "application/acts.py",
        "    digest = await asyncio.to_thread(ledger.keys.keyed_digest, stamp.key, asked) if stamp.key else None\n",
        "    digest = None\n",
        "tests/application/test_acts.py::test_one_id_for_another_content_is_ill_formed_and_nothing_is_recorded",
    ),
    # --- the seals ---------------------------------------------------------------------------------------------
    _one(
        "what is refused by what was read before is decided again",
        "application/acts.py",
        "        except (Refused, NotFound, IllFormed, KeyDestroyed) as no:\n            if work.supposed:\n"
        "                continue\n",
        "        except (Refused, NotFound, IllFormed, KeyDestroyed) as no:\n",
        "tests/application/test_acts.py::test_what_another_process_wrote_since_counts_though_it_was_read_before",
    ),
    _one(
        "what is done by what was read before is watched",
        "application/acts.py",
        "work.writes, work.reads)",
        "work.writes, {})",
        "tests/application/test_acts.py::test_what_another_process_wrote_since_counts_though_it_was_read_before",
    ),
    _one(
        "a key is on disk before its fact",
        SEALS,
        "            with self._changing():\n                stored =",
        '            self._db.in_transaction or self._db.execute("BEGIN IMMEDIATE")\n'
        "            threading.Timer(1.0, self._db.commit).start()\n"
        "            if missing:\n                stored =",
        "tests/application/test_seals.py::test_keys_are_on_disk_before_the_fact",
    ),
    _one(
        "a box opens only at its place",
        SEALS,
        'return f"{self.origin}|{where}|{key_id}".encode()',
        'return b""',
        _L + "a_sealed_text_opens_only_at_its_place",
    ),
    Mutant(
        "a key opens only for its subject",
        SEALS,
        (
            (
                'wrapped = nonce + self._master.encrypt(nonce, key, f"{self.origin}|{key_id}|{subject}".encode())',
                'wrapped = nonce + self._master.encrypt(nonce, key, b"")',
            ),
            (
                'wrapped[:_NONCE], wrapped[_NONCE:], f"{self.origin}|{key_id}|{subject}".encode()',
                'wrapped[:_NONCE], wrapped[_NONCE:], b""',
            ),
        ),
        "tests/application/test_seals.py::test_a_key_moved_to_another_subject_does_not_open",
    ),
    _one(
        "identities never open for showing",
        SEALS,
        '        if not subject.startswith(f"{Seal.CONTENT}:"):\n',
        "        if False:\n",
        "tests/application/test_seals.py::test_an_identity_opens_on_no_way_of_showing",
    ),
    _one(
        "a destroyed key is gone from the file",
        SEALS,
        '"secure_delete=ON"',
        '"secure_delete=OFF"',
        "tests/application/test_seals.py::test_a_destroyed_key_is_gone_from_the_files",
    ),
    # --- the shelf ---------------------------------------------------------------------------------------------
    _one(
        "no reader passes a gap",
        SHELF,
        '            if row["position"] != position:\n',
        "            if False:\n",
        _SH + "a_hole_in_the_ledger_stops_the_shelf_and_nothing_is_applied",
    ),
    _one(
        "rows and position commit together",
        SHELF,
        "            connection.execute(_ADVANCE, (entries[-1].position, names), prepare=True)\n",
        "            pass\n        with self._transaction() as connection:\n"
        "            connection.execute(_ADVANCE, (entries[-1].position, names), prepare=True)\n",
        _SH + "rows_and_position_are_of_one_transaction",
    ),
    _one(
        "whoever comes second waits (FOR UPDATE)",
        SHELF,
        'f"{_POSITIONS} ORDER BY 1 FOR UPDATE"',
        "_POSITIONS",
        _SH + "a_slower_one_with_less_in_its_hands_never_sets_a_view_back",
    ),
    _one(
        "… and sees that it was overtaken",
        SHELF,
        "if len(found) != len(views) or any(position != start for position in found.values()):",
        "if False:",
        _SH + "whoever_read_before_another_wrote_applies_nothing",
    ),
    _one(
        "of two projectors one leads",
        SHELF,
        "            if row and row[0]:\n                return True\n            stop.wait",
        "            if row:\n                return True\n            stop.wait",
        _SH + "of_two_projectors_one_leads_and_the_other_takes_over",
    ),
    _one(
        "a bad fact stops only its view",
        SHELF,
        "            for view in views:\n                self._apply([view], start, entries)\n",
        "            raise\n",
        _SH + "a_view_that_does_not_know_the_row_halts_alone_and_goes_on_when_mended",
    ),
    _one(
        "a lost notice is made up for",
        SHELF,
        "for _ in listener.notifies(timeout=_POLL_SECONDS, stop_after=1):",
        "for _ in listener.notifies(stop_after=1):",
        _SH + "a_lost_notice_is_made_up_for_by_the_clock",
    ),
    # --- need to know ------------------------------------------------------------------------------------------
    _one(
        "rows are for their readers only",
        "api/reading.py",
        '_TO_BE_SEEN = SQL("r.readers && %(identities)s AND',
        '_TO_BE_SEEN = SQL("(r.readers && %(identities)s OR true) AND',
        "tests/api/test_thread.py::test_each_sees_their_own_part_and_nothing_else",
    ),
    _one(
        "rows are withheld from those they concern",
        "api/reading.py",
        'AND NOT r.withheld_from && %(concerned)s")',
        'AND (NOT r.withheld_from && %(concerned)s OR true)")',
        "tests/api/test_thread.py::test_a_person_a_clue_concerns_sees_nothing_of_it_in_any_capacity"
        " tests/api/test_thread.py::test_a_transfer_is_withheld_from_those_its_clue_concerns_wherever_they_serve",
    ),
    _one(
        "what is gone today is not shown as of yesterday",
        "api/reading.py",
        "WHERE t.id = r.id), false)",
        "WHERE t.id = r.id), true)",
        "tests/api/test_reading.py::test_a_row_that_is_gone_today_is_not_shown_as_of_any_day",
    ),
    _one(
        "what is hidden answers like what is not there",
        "application/acts.py",
        'return Refusal("NOT_FOUND"), no.hidden_by',
        'return Refusal("NOT_FOUND", reason="hidden" if no.hidden_by else None), no.hidden_by',
        "tests/api/test_bad_input.py::test_what_a_member_may_not_see_answers_like_nothing"
        " tests/api/test_two_worlds.py::test_what_is_hidden_answers_like_what_is_not_there",
    ),
    _one(
        "a token of another audience is worth nothing",
        "api/auth.py",
        "                audience=self._audience,\n",
        "                audience=jwt.decode(token, options={'verify_signature': False}).get('aud'),\n",
        "tests/api/test_auth.py::test_a_bad_token_gets_401_and_the_same_bytes_as_none",
    ),
    # --- the sealer --------------------------------------------------------------------------------------------
    _one(
        "the writer's signature is checked",
        ENTRIES,
        "            if not _signed(verifiers, bytes(signature), batch_statement(writer, first, waiting)):\n",
        "            if False:\n",
        _EDIT,
    ),
    _one(
        "what no writer signed is not sealed",
        SEALER,
        "                raise unsigned(rows[-1][0])\n",
        "                return 0\n",
        _S + "what_no_writer_signed_is_not_sealed",
    ),
    _one(
        "an older ledger is not sealed (folder, table)",
        SEALER,
        "        if (bound := logs.furthest(found)) > head:\n            raise older(head, bound)\n",
        "",
        _S + "an_older_state_is_neither_sealed_nor_served",
    ),
    _one(
        "an older ledger is not served",
        LOGS,
        "        if (bound := logs.furthest(kept)) > head:\n            raise older(head, bound)\n",
        "        del head\n",
        _S + "an_older_state_is_neither_sealed_nor_served",
    ),
    _one(
        "another ledger of the same length is not served",
        LOGS,
        "                _same_end(connection, logs, logs.believed(note, where))\n",
        "                pass\n",
        _S + "a_ledger_of_the_same_length_with_another_entry_is_neither_sealed_nor_served",
    ),
    _one(
        "… nor sealed",
        SEALER,
        "            if there and self._compared != (newest.origin, newest.size):\n",
        "            if False:\n",
        _S + "a_ledger_of_the_same_length_with_another_entry_is_neither_sealed_nor_served",
    ),
    _one(
        "an end cut off meanwhile is seen",
        SEALER,
        "                if not rows or rows[0][0] != self.size:\n",
        "                if not rows:\n                    return 0\n                if rows[0][0] != self.size:\n",
        _S + "an_end_that_was_cut_off_while_the_sealer_runs_is_no_ground_to_build_on",
    ),
    _one(
        "… also where others have grown there",
        SEALER,
        "                same(self._keys, rows.pop(0), self._last)\n",
        "                del rows[0]\n",
        _S + "an_end_that_was_cut_off_while_the_sealer_runs_is_no_ground_to_build_on",
    ),
    _one(
        "a row among the checkpoints that is not ours is seen",
        SEALER,
        '"INSERT INTO ledger.checkpoints (log, size, note) VALUES (%s, %s, %s)",\n',
        '"INSERT INTO ledger.checkpoints (log, size, note) VALUES (%s, %s, %s) ON CONFLICT DO NOTHING",\n',
        _S + "a_row_among_the_checkpoints_that_is_not_ours_is_not_passed_over",
    ),
    _one(
        "an older ledger is not sealed (witness)",
        SEALER,
        "                raise older(checkpoint.size, e.theirs, witness.key.name) from e\n",
        '                log.error("%s", e)\n',
        _S + "an_older_state_is_neither_sealed_nor_served",
    ),
    _one(
        "another history than the folder's is not sealed",
        SEALER,
        "                if self._log.root(checkpoint.size) != checkpoint.root:\n",
        "                if False:\n",
        _S + "a_table_of_another_history_than_the_folders_is_not_sealed",
    ),
    _one(
        "tiles changed under the sealer's hands are not signed for",
        SEALER,
        "        if grown.root() != root:",
        "        if False:",
        _S + "tiles_changed_while_the_sealer_runs_are_not_signed_for",
    ),
    _one(
        "a stray file does not stop the sealer",
        SEALER,
        "self._log.append(self.size, leaves, on_stray=_say_stray)",
        "self._log.append(self.size, leaves)",
        _S + "a_stray_file_does_not_stop_the_sealer_and_is_said",
    ),
    _one(
        "the note beside the keys is looked at",
        LOGS,
        ", high_water(self.keys)]",
        "]",
        _S + "the_note_beside_the_keys_sees_what_table_and_folder_have_lost",
    ),
    _one(
        "a witness is asked what it has seen",
        CHECKING,
        "            asked = [_ask(client, connection, logs) for client in ask]\n",
        "            asked = list[_Answer]()\n",
        _S + "a_witness_is_asked_what_it_has_seen",
    ),
    _one(
        "checkpoints are numbered",
        CHECKING,
        "                if (log, size, n) != (checkpoint.origin, checkpoint.size, number_of(checkpoint)):\n",
        "                if (log, size) != (checkpoint.origin, checkpoint.size):\n",
        _EDIT,
    ),
    _one(
        "the newest checkpoint is missed in the table",
        CHECKING,
        "            if number > self._rows[self._logs.current] + 1:\n",
        "            if False:\n",
        _EDIT,
    ),
    _one(
        "every root is compared",
        CHECKING,
        "                        if grown.root() != root:\n",
        "                        if False:\n",
        _S + "with_all_keys_stolen_only_a_witness_sees_it",
    ),
    _one(
        "every leaf is compared, so that the first is named",
        CHECKING,
        "                    if sealed is not None and sealed != one:\n",
        "                    if False:\n",
        _S + "what_whoever_holds_the_writers_key_changes_is_named_by_position",
    ),
    Mutant(
        "what is sealed while somebody looks is no alarm",
        CHECKING,
        (
            (
                '        known = [*logs.kept(), *(Known(note, "--checkpoint") for note in outside)]\n',
                "",
            ),
            (
                "            found = _Walk(connection, logs, known,",
                '            known = [*logs.kept(), *(Known(note, "--checkpoint") for note in outside)]\n'
                "            found = _Walk(connection, logs, known,",
            ),
        ),
        _S + "what_is_sealed_while_somebody_looks_is_no_alarm",
    ),
    _one(
        "a witness's signature that was changed is seen",
        CHECKING,
        '        raise NotSealed(f"见证的签名被改动',
        '        return set()\n        raise NotSealed(f"见证的签名被改动',
        _S + "a_witnesss_signature_that_was_changed_is_seen",
    ),
    _one(
        "an append is read whole, however long",
        SEALER,
        "            at_once *= 2",
        "            break",
        _S + "an_append_longer_than_what_is_read_at_once_is_sealed_whole",
    ),
    _one(
        "guards that are down are seen",
        CHECKING,
        '                raise NotSealed("；".join(guards[:_SAID]))\n',
        "                pass\n",
        _S + "a_guard_that_is_down_is_itself_evidence",
    ),
    _one(
        "of two sealers one seals",
        SEALER,
        "        if row and row[0]:\n            return True\n        stop.wait",
        "        if row:\n            return True\n        stop.wait",
        _S + "two_sealers_are_one_at_a_time",
    ),
    # --- restores on record ------------------------------------------------------------------------------------
    _one(
        "the note a restore rests on is the log's",
        LOGS,
        "            verify_note(found, self._verifiers[name])\n",
        "            pass\n",
        _R + "a_note_by_another_key_is_none_of_the_logs",
    ),
    _one(
        "as many entries are left as stand before the record",
        LOGS,
        "            follows\n            and (lost, sealed)",
        "            (lost, sealed)",
        _R + "a_record_made_up_with_the_writers_key_lets_no_other_history_pass",
    ),
    _one(
        "what is left of an older log is compared by its tiles",
        CHECKING,
        "        for size, root, where in logs.prefixes():\n",
        "        for size, root, where in list[tuple[int, bytes, str]]():\n",
        _R + "a_record_made_up_with_the_writers_key_lets_no_other_history_pass",
    ),
    _one(
        "no more is lost than the record admits",
        LOGS,
        "        if admitted and size > max(admitted):\n",
        "        if False:\n",
        _R + "another_history_is_not_taken_for_a_restore",
    ),
    _one(
        "a log the ledger has no record of is no older log",
        LOGS,
        "        if name not in self.names and not admitted:\n",
        "        if False:\n",
        _R + "what_is_on_record_as_lost_is_no_alarm_and_what_is_left_is_still_bound",
    ),
    _one(
        "two restores are two logs",
        "application/keeping.py",
        "secrets.token_hex(8)",
        "'0' * 16",
        "tests/application/test_backups.py::test_two_restores_of_one_backup_are_two_logs",
    ),
    _one(
        "a witness checks consistency",
        WITNESS,
        "                check_consistency(size, checkpoint.size, asked.proof, known.root, checkpoint.root)\n",
        "                pass\n",
        _W + "another_history_is_not_cosigned",
    ),
    _one(
        "a witness remembers",
        WITNESS,
        "        _store(self._file(checkpoint.origin), asked.note.encode())\n",
        "",
        _W + "a_witness_remembers_over_its_own_death",
    ),
    _one(
        "nonsense of a witness does not end the sealer",
        WITNESS,
        "            except Malformed as error:\n                raise Unreachable(",
        "            except KeyError as error:\n                raise Unreachable(",
        _W + "who_answers_nonsense_counts_as_not_answering",
    ),
    _one(
        "an answer that drips counts for none",
        WITNESS,
        "            self._talking.join(max(until - time.monotonic(), 0))\n",
        "            self._talking.join()\n",
        _W + "an_answer_that_drips_counts_for_none_after_the_deadline",
    ),
    # --- the folder handed over --------------------------------------------------------------------------------
    _one(
        "the manifest is the one that was signed",
        VERIFY,
        "        if note.text != manifest_text(manifest):\n",
        "        if False:\n",
        _V,
    ),
    _one(
        "every file is what the manifest says",
        VERIFY,
        '                    if file_digest(file, "sha256").hexdigest() != listed.sha256:\n',
        "                    if False:\n",
        _V,
    ),
    _one(
        "every leaf is under its tile",
        VERIFY,
        "        elif [leaf_hash(leaf) for leaf in leaves] != hashes[tile.hashes]:\n",
        "        elif False:\n",
        _V,
    ),
    _one(
        "an opening leads to its leaf (commitment)",
        VERIFY,
        "            check_inclusion(hashed, proof.place, checkpoint.size, proof.hashes, checkpoint.root)\n",
        "            del hashed\n",
        _V,
    ),
    _one(
        "a leaf's tag is its stream's",
        VERIFY,
        "            if one.tag != tag(claim.tag_key, one.position):\n",
        "            if False:\n",
        _V,
    ),
    _one(
        "nothing claimed is left unopened",
        VERIFY,
        '                    self.lacks(opening_path(at), "unopened")\n',
        "                    pass\n",
        _V,
    ),
    _one(
        "versions run without a gap",
        VERIFY,
        "            if one.version != expected:\n",
        "            if False:\n",
        "tests/sealedlog/test_verify.py::test_a_gap_in_the_versions_is_found_though_every_tag_is_opened",
    ),
    # --- the check ---------------------------------------------------------------------------------------------
    _one(
        "what rows were before is compared",
        CHECK,
        "        self._compare_history(connection, found)\n",
        "",
        _CLI + "check_compares_what_rows_were_before_too",
    ),
    _one(
        "a view that stands still is named",
        CHECK,
        "        if self.halted:\n",
        "        if False:\n",
        _CLI + "check_names_a_view_in_which_a_row_waits",
    ),
    _one(
        "lists are compared as they are shown",
        CHECK,
        '    with psycopg.connect(access.of("reader")) as shown:\n',
        '    with psycopg.connect(access.of("projector")) as shown:\n',
        _CLI + "check_and_verify_look_through_the_eyes_of_those_who_serve",
    ),
    # --- backups -----------------------------------------------------------------------------------------------
    _one(
        "a backup is what was written",
        BACKUPS,
        "        if found != digest:\n",
        "        if False:\n",
        "tests/application/test_backups.py::test_a_backup_that_was_changed_is_refused_and_nothing_is_restored",
    ),
    _one(
        "the order's guard is up again after a restore",
        BACKUPS,
        '        connection.execute("ALTER TABLE ledger.entries ENABLE ALWAYS TRIGGER order_checked")\n',
        "",
        "tests/application/test_backups.py::test_a_backup_restored_elsewhere_is_the_same_ledger",
    ),
)


class Tried(NamedTuple):
    """What became of one."""

    mutant: Mutant
    outcome: str
    seconds: float
    said: str


def tried(mutant: Mutant, folder: Path, database: str) -> Tried:
    """Apply it in the copy, run the test there, take it back."""
    started = time.monotonic()
    path = folder / "src" / mutant.file
    before = text = path.read_text(encoding="utf-8")
    for search, replace in mutant.patches:
        if text.count(search) != 1:
            return Tried(mutant, BROKEN, 0, f"found {text.count(search)} times in {mutant.file}: {search.strip()[:60]}")
        text = text.replace(search, replace)
    path.write_text(text, encoding="utf-8")
    try:
        outcome, said = _outcome(mutant.test.split(), folder, database)
    finally:
        path.write_text(before, encoding="utf-8")
    return Tried(mutant, outcome, time.monotonic() - started, said)


def _outcome(tests: Sequence[str], folder: Path, database: str) -> tuple[str, str]:
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("XUNCHA_", "PYTEST_"))}
    environment |= {
        "PYTHONPATH": str(folder / "src"),
        "PYTHONDONTWRITEBYTECODE": "1",
        "DATABASE_URL": database,  # one server for all: to make one for each takes longer than most tests
    }
    # In a session of its own: where it hangs, all it has started goes with it.
    process = subprocess.Popen(
        [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", "--no-header", *tests],
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    try:
        said, _ = process.communicate(timeout=_TEST_WITHIN)
    except subprocess.TimeoutExpired:
        end_session(process.pid, patience=5)
        process.communicate()
        return RED, "it hangs"
    last = said.strip().splitlines()[-1] if said.strip() else ""
    if process.returncode == 0:
        return GREEN, last
    failed, spoilt = re.search(r"^FAILED (\S+)", said, re.MULTILINE), _SPOILT.search(said)
    if process.returncode == 1 and failed and not spoilt:
        return RED, failed[1]
    # Red for another reason than the one that counts: the mutation is no program, or nothing could be tried at all.
    return BROKEN, spoilt[0] if spoilt else last or said[-200:]


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="mutants", description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("word", nargs="?", default="", help="only protections whose name or file holds it")
    parser.add_argument("--workers", type=int, default=2)
    given = parser.parse_args(arguments)
    chosen = [each for each in MUTANTS if given.word in each.protection or given.word in each.file]
    started = time.monotonic()
    with (
        tempfile.TemporaryDirectory(prefix="xuncha-mutants-") as scratch,
        postgres.start(Path(scratch) / "server") as server,
    ):
        free = [_copy(Path(scratch) / str(n)) for n in range(given.workers)]

        def sound(test: str) -> bool:
            """Whether it is green with every protection in place: else it would take every mutation for noticed."""
            folder = free.pop()
            try:
                outcome, said = _outcome(test.split(), folder, server.dsn())
            finally:
                free.append(folder)
            if outcome != GREEN:
                say(f"{outcome} with nothing taken away: {test} ({said})")
            return outcome == GREEN

        def work(mutant: Mutant) -> Tried:
            folder = free.pop()
            try:
                found = tried(mutant, folder, server.dsn())
            finally:
                free.append(folder)
            say(f"{found.outcome:6} {found.seconds:5.1f} s  {mutant.protection}  ({found.said})")
            return found

        with ThreadPoolExecutor(given.workers) as several:
            tests = sorted({mutant.test for mutant in chosen})
            # Each in a process of its own, as with a mutation: some share what another of them changes.
            if not all(list(several.map(sound, tests))):
                return 1
            say(f"{len(tests)} tests green with every protection in place; {(time.monotonic() - started) / 60:.1f} min")
            results = list(several.map(work, chosen))
    return _table(results, time.monotonic() - started)


def _copy(folder: Path) -> Path:
    folder.mkdir()
    for name in _COPIED:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
        elif source.exists():
            shutil.copy2(source, folder / name)
    return folder


def _table(results: Sequence[Tried], seconds: float) -> int:
    say("")
    say("| protection | test | |")
    say("| --- | --- | --- |")
    for mutant, outcome, _, said in results:
        tests = ", ".join(re.sub(r".*?(test_\w+)\.py(?:::test_)?", r"\1: ", test) for test in mutant.test.split())
        say(f"| {mutant.protection} | {tests} | {outcome}{f': {said}' if outcome == BROKEN else ''} |")
    bad = [each for each in results if each.outcome != RED]
    say("")
    say(f"{len(results)} protections: {len(results) - len(bad)} red, {len(bad)} not; {seconds / 60:.1f} min")
    return 1 if bad else 0


def say(line: str) -> None:
    print(line, flush=True)


if __name__ == "__main__":
    sys.exit(main())
