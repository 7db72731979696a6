"""`python -m api`: the same as `xuncha`."""

from api.cli import main

raise SystemExit(main())
