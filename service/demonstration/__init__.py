"""The demonstration: made-up patients, a clock that can be moved, and the page `/demo`. Never part of `serve`."""

from service.demonstration.demonstration import Demonstration
from service.demonstration.loopback import LoopbackOnly, is_loopback
from service.demonstration.pages import beside
from service.demonstration.patients import DemoPatient, seed
from service.demonstration.travelling import MovableClock

__all__ = ["DemoPatient", "Demonstration", "LoopbackOnly", "MovableClock", "beside", "is_loopback", "seed"]
