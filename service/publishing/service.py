"""What every use case needs, as one value: the process, the servable content, limits and the disclosure cache."""

from __future__ import annotations

from dataclasses import dataclass, field

from service.platform.process import Limits, Process, Remembered
from service.publishing.library import Library


@dataclass(frozen=True, slots=True)
class Service(Process):
    """A process with the content that it may serve."""

    library: Library = field(default_factory=Library)
    shown: Remembered = field(default_factory=Remembered)
    limits: Limits = field(default_factory=Limits)
