"""The rulebook in force: what the ledger adopted last, whatever a program came with (Art. 4(6), 11(6); ADR 37)."""

import logging
from dataclasses import replace

from application.acts import Rulebook
from application.ledger import Ledger, Unavailable
from domain.keeping import KEEPING, RULEBOOK, CalendarAdopted, EditionAdopted, Keeping
from domain.rulebook.calendars import EditionError, parse_calendar
from domain.rulebook.editions import parse_edition

log = logging.getLogger("xuncha.in_force")


class InForce:
    """The rulebook in force, read again where the ledger has adopted another meanwhile.

    A process that is older than what was adopted follows it: duties counted by two calendars side by side would be
    duties that no start counts again.
    """

    def __init__(self, ledger: Ledger, own: Rulebook) -> None:
        self._ledger, self._own, self._known = ledger, own, own

    async def look(self) -> Rulebook:
        """The rulebook in force now; the program's own where none was adopted yet.

        Raises Unavailable where its text is of a later form, which this program does not read.
        """
        state, version = await self._ledger.load(KEEPING, RULEBOOK)
        if self._known.adopted != version:
            self._known = replace(await self._read(state or Keeping()), adopted=version)
        return self._known

    async def _read(self, state: Keeping) -> Rulebook:
        edition, calendar = self._own.edition, self._own.calendar
        if state.editions[-1:] in ((), ((edition.id, edition.digest),)) and state.calendars[-1:] in (
            (),
            ((calendar.version, calendar.digest),),
        ):
            return self._own
        try:
            for entry in await self._ledger.entries(RULEBOOK):
                match entry.fact:
                    case EditionAdopted(edition=name, text=text) if name == state.editions[-1][0]:
                        edition = parse_edition(text, name)
                    case CalendarAdopted(calendar=name, text=text) if name == state.calendars[-1][0]:
                        calendar = parse_calendar(text, name)
        except EditionError as e:
            log.error("the ledger has adopted a rulebook that this program, being older, does not read: %s", e)
            raise Unavailable from e
        log.warning("the rulebook in force is not the one this program came with: %s, %s", edition.id, calendar.version)
        return Rulebook(edition, calendar)
