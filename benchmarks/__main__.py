"""`python -m benchmarks TOPIC`: run the module of that name in `benchmarks/topics`."""

from __future__ import annotations

import argparse
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

from benchmarks.measure import Options

TOPICS = Path(__file__).parent / "topics"
RESULTS = Path(__file__).parent / "results"


def main() -> None:
    known = sorted(module.name for module in iter_modules([str(TOPICS)]))
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("topic", choices=known)
    parser.add_argument("--seconds", type=float, default=1.5, help="length of one turn (default %(default)s)")
    parser.add_argument("--rounds", type=int, default=3, help="turns per peer and figure (default %(default)s)")
    parser.add_argument("--connections", type=int, default=16, help="of the load (default %(default)s)")
    parser.add_argument("--scale", type=float, default=1.0, help="size of the data; keeps no results if given")
    parser.add_argument("--only", default="", help="only figures with this in their name; keeps no results")
    parser.add_argument("--relaxed", action="store_true", help="do not wait for the disk at commits; keeps no results")
    given = parser.parse_args()
    options = Options(given.seconds, given.rounds, given.connections, given.scale, given.only, not given.relaxed)
    results = import_module(f"benchmarks.topics.{given.topic}").run(options)
    # A smaller or softer run must not stand where a whole one is looked for.
    if options.durable and not options.only and options.scale == 1:
        results.write(RESULTS / f"{given.topic}.json")


if __name__ == "__main__":
    main()
