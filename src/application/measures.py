"""Counts a process keeps of its own work: for whoever runs it, never of what the work was about (ADR 28)."""

from bisect import bisect_left


class Spread:
    """How many values there were, their sum, and how many lay within each step."""

    def __init__(self, *steps: float) -> None:
        self.steps = steps
        self.within = [0] * len(steps)
        self.count = 0
        self.sum = 0.0

    def note(self, value: float) -> None:
        self.count += 1
        self.sum += value
        if (step := bisect_left(self.steps, value)) < len(self.steps):
            self.within[step] += 1
