"""The room that runs processes: the PostgreSQL of the wheel, and the supervisor of `make run`.

It knows nothing of inspections, reads no environment variable of ours and imports no other room.
"""

from embedded.errors import EmbeddedError, HomeInUse
from embedded.postgres import Embedded, start
from embedded.supervisor import Child, supervise

__all__ = ["Child", "Embedded", "EmbeddedError", "HomeInUse", "start", "supervise"]
