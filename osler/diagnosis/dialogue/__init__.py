"""A dialogue about a differential: `reply` answers why, why not, what if, how sure and what next, without a model."""

from osler.diagnosis.dialogue.conversation import reply
from osler.diagnosis.dialogue.turn import Turn

__all__ = ["Turn", "reply"]
