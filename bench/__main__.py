"""Every bench, one after the other: `python -m bench`; exit code 1 when a goal is missed."""

from __future__ import annotations

import subprocess
import sys

BENCHES = ("bench.ack", "bench.turn")


def main() -> None:
    """Run each in a process of its own, so that none warms another."""
    sys.exit(max(subprocess.run([sys.executable, "-m", bench], check=False).returncode for bench in BENCHES))


if __name__ == "__main__":
    main()
