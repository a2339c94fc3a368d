"""What every use case needs, as one value: the process, the servable content, limits, and what was answered last."""

from __future__ import annotations

from dataclasses import dataclass, field

from service.platform.process import FreshAnswers, Limits, Process, Remembered
from service.publishing.library import Library


@dataclass(frozen=True, slots=True)
class Service(Process):
    """A process with the content that it may serve."""

    library: Library = field(default_factory=Library)
    shown: Remembered = field(default_factory=Remembered)
    fresh: FreshAnswers = field(default_factory=FreshAnswers)
    limits: Limits = field(default_factory=Limits)
