"""The demonstration: made-up patients, a clock that can be moved, and the page `/demo`. Never part of `serve`."""

from service.demo.clock import MovableClock
from service.demo.environment import Demonstration
from service.demo.pages import beside
from service.demo.patients import DemoPatient, seed
from service.platform.loopback import LoopbackOnly, is_loopback

__all__ = ["DemoPatient", "Demonstration", "LoopbackOnly", "MovableClock", "beside", "is_loopback", "seed"]
