"""`python -m api`: the same as `xuncha`."""

import gc

# What is loaded stays: no look for garbage meanwhile, and none through it later, as every full collection would take
# while facts are replayed.
gc.disable()

from api.cli import main  # noqa: E402

gc.freeze()
gc.enable()
raise SystemExit(main())
