"""What the regulation demands, as sentences that can be asked. A refused user reads the sentence.

Every rule stands beside its article; `support` says whether the text bears it, an interpretation, or our own
convention (docs/promises.md). Numbers and approvers are not here but in the edition. A page for each part of the work;
all of them are one list.
"""

from domain.kernel import Rule
from domain.rulebook.rules.activities import *
from domain.rulebook.rules.archiving import *
from domain.rulebook.rules.bodies import *
from domain.rulebook.rules.clues import *
from domain.rulebook.rules.deliveries import *
from domain.rulebook.rules.disposals import *
from domain.rulebook.rules.documents import *
from domain.rulebook.rules.feedback import *
from domain.rulebook.rules.inquiries import *
from domain.rulebook.rules.inspection import *
from domain.rulebook.rules.keeping import *
from domain.rulebook.rules.petitions import *
from domain.rulebook.rules.preparation import *
from domain.rulebook.rules.publication import *
from domain.rulebook.rules.rectification import *
from domain.rulebook.rules.recusal import *
from domain.rulebook.rules.reports import *
from domain.rulebook.rules.suggestions import *
from domain.rulebook.rules.teams import *
from domain.rulebook.rules.transfers import *


def all_rules() -> tuple[Rule, ...]:
    """Every rule, in the order of this page."""
    return tuple(value for value in globals().values() if isinstance(value, Rule))


def rule_named(name: str) -> Rule | None:
    """The rule with this stored name."""
    found = globals().get(name)
    return found if isinstance(found, Rule) else None
