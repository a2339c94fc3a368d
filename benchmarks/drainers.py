"""Processes of `benchmarks.draining`, which work at the same time on one database."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass

from benchmarks.database import ROOT
from benchmarks.harness import Run


@dataclass
class DrainingProcess:
    """A process of benchmarks.draining."""

    process: subprocess.Popen[str]

    @classmethod
    def start(cls, stack: ExitStack, kind: str, url: str, *more: str) -> DrainingProcess:
        process = stack.enter_context(
            subprocess.Popen(
                [sys.executable, "-m", "benchmarks.draining", kind, url, *more],
                cwd=ROOT,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
        )
        assert process.stdout is not None and process.stdout.readline() == "ready\n"
        return cls(process)

    def ask(self, count: int) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(f"{count}\n")
        self.process.stdin.flush()

    def answer(self) -> tuple[float, int]:
        assert self.process.stdout is not None
        seconds, count = self.process.stdout.readline().split()
        return float(seconds), int(count)

    def end(self) -> None:
        assert self.process.stdin is not None
        self.process.stdin.close()
        self.process.wait(30)


def run_of(workers: Sequence[DrainingProcess], count: int) -> Run:
    def run(_: int) -> float:
        for worker in workers:
            worker.ask(count)
        answers = [worker.answer() for worker in workers]
        return sum(answer[1] for answer in answers) / max(answer[0] for answer in answers)

    return run
