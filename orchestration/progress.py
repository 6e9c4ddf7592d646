"""What a run tells the person who started it: one line per step with what, how many, how long."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field


@dataclass
class Step:
    """One step of a run, filled in while it runs."""

    name: str
    rows: int | None = None
    note: str = ""
    seconds: float = 0.0
    tell: Callable[[str], None] = field(default=lambda _: None, repr=False)

    def update(self, *parts: object) -> None:
        """Say what the step is doing now (leaves call this through on_progress)."""
        self.tell(" ".join(str(part) for part in parts))


class Progress:
    """Silent; the Dagster log has every step. The command line shows a subclass."""

    @contextmanager
    def step(self, name: str) -> Iterator[Step]:
        """A step that takes as long as the block."""
        step = Step(name, tell=lambda text: self.doing(name, text))
        started = time.perf_counter()
        self.doing(name, "")
        yield step
        step.seconds = time.perf_counter() - started
        self.done(step)

    def doing(self, name: str, text: str) -> None:
        """The step is under way."""

    def done(self, step: Step) -> None:
        """The step has ended well."""

    def waiting(self, text: str) -> None:
        """The run waits for another one."""


class ConsoleProgress(Progress):
    """Rich: a moving line for what is under way, a fixed line for what is done."""

    def __init__(self) -> None:
        from rich.console import Console

        self.console = Console(highlight=False)
        self._status = self.console.status("starting")

    @contextmanager
    def shown(self) -> Iterator[None]:
        """Show the moving line while the block runs."""
        with self._status:
            yield

    def doing(self, name: str, text: str) -> None:
        """Move the moving line."""
        self._status.update(f"{name} [dim]{text}[/dim]")

    def done(self, step: Step) -> None:
        """Print the fixed line."""
        rows = f"{step.rows:>12,}" if step.rows is not None else " " * 12
        note, *lines = step.note.split("\n")
        note = f"  [dim]{note}[/dim]" if note else ""
        self.console.print(f"  {step.name:<38}{rows}{step.seconds:>8.1f} s{note}", soft_wrap=True)
        for line in lines:
            self.console.print(f"    [yellow]{line}[/yellow]", soft_wrap=True)

    def waiting(self, text: str) -> None:
        """Say for whom."""
        self.console.print(f"[yellow]{text}[/yellow]")
