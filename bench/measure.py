"""The ledger and the views, measured against their peers in one run, in turn; results into docs/performance.md.

`python bench/measure.py [--rounds 5] [--seconds 1] [--facts 100000] [--growth 10000,1000000] [--dry]`
"""

import argparse
import os
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
import appending
import generator
import growing
import rebuilding
import report
import sealing
from machine import machine

from api.composition import VIEWS

LIBRARY_FACTS = 1_000
NOTES = """
How it is done: `bench/measure.py` starts one embedded server in a temporary folder; every subject has a database of
its own there and a process of its own beside it. In each round every case of every subject runs, one after the other,
and who is first changes from round to round; shown are medians of the rounds. Callers send their next append when the
last was answered. "4 × 4" is 4 processes with 4 callers each.

- An append is one fact in a new stream with 400 bytes of JSON. Ours stores its stamp (who, when, by which command)
  beside it, about 0.5 KiB more, indexes it three times and checks order and time by trigger; the peers do not.
- A whole command is `registerBody` by `perform`: sign-in, resend and authority looked up, decided, its 400 bytes
  sealed under a key of its own, which is on disk first, appended. Refused, it needs no key.
- The library's recorder has a connection for each caller and its default locking; its
  `POSTGRES_ENABLE_DB_FUNCTIONS` is not used: it takes no lock, and readers then lose events. Emmett has pooling on,
  with a connection for each caller.
- The library's runner decodes the same facts by the same function and keeps row and history by the same statements,
  one transaction for each fact, as it does.
- Pages are of 20 rows of the office's list of petitions, by `Reader.page`; the ledgers are by `bench/generator.py`.
  The sizes stand side by side on the one server.
"""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=1.0, help="of each measurement")
    parser.add_argument("--facts", type=int, default=100_000, help="of a rebuild")
    parser.add_argument("--growth", default="10000,1000000", help="sizes, the first against the last")
    parser.add_argument("--dry", action="store_true", help="print, and leave docs/performance.md as it is")
    given = parser.parse_args()
    began, loaded = time.perf_counter(), os.getloadavg()[0]
    with machine() as server:
        told = server.describe()
        print(report.machine(told))
        medians, left_out = appending.measure(server, given.rounds, given.seconds)
        parts = ["## 账本与视图 · The ledger and the views", report.machine(told), NOTES]
        bars = report.append_bars(medians)
        appended = report.appends(medians, left_out)

        place = server.place("rebuild")
        facts = generator.fill(place, given.facts)
        generator.tidy(place)
        rebuilt = rebuilding.measure(server, place, facts, given.rounds, min(LIBRARY_FACTS, facts // 10))
        # All views, once, and over a part: they take as long as all of them take.
        part = server.place("lag")
        generator.fill(part, max(1_000, given.facts // 10))
        rebuilt = rebuilt._replace(every_view=rebuilding.rebuild(part, VIEWS))
        bars += report.rebuild_bars(rebuilt)
        lags = rebuilding.measure_lag(server, part, (25, 100), 2, 5 * given.seconds)
        for name in ("rebuild", "lag"):
            server.drop(name)

        made = growing.make(server, [int(size) for size in given.growth.split(",")])
        sizes = growing.measure(server, made, given.rounds, given.seconds)
        bars += report.growth_bars(sizes) + report.then_bars(sizes)
        sealed = sealing.measure([each.place for each in made], given.rounds)
        bars += report.seal_bars(sealed)
        seal_lags = sealing.measure_lag(server, (25, 200))
    parts += [
        "### 目标 · What was to be reached",
        report.bars(bars),
        "### 追加 · Appends",
        "![Appends a second with 16 callers](performance.svg)",
        appended,
        "### 重建与滞后 · Rebuild and lag",
        report.rebuilds(rebuilt),
        report.lags(lags),
        "### 增长 · Growth",
        report.growth(sizes),
        "### 封存 · Sealing",
        report.seals(sealed, seal_lags),
        "### 往日之列表 · A list as of an earlier day",
        report.then(sizes),
        f"Run with `{' '.join(sys.argv[1:]) or 'no arguments'}`; the machine's load was {loaded:.1f} when it began and "
        f"{os.getloadavg()[0]:.1f} when it ended, on {os.cpu_count()} cores: what is above 3 or so was other work. "
        f"The whole run took {(time.perf_counter() - began) / 60:.0f} minutes, the making of the ledgers included.",
    ]
    print("\n\n".join(parts))
    if not given.dry:
        report.write(parts)
        report.PICTURE.write_text(report.picture(medians), encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
