"""Local understanding of customers' messages: profile with evidence, intents, entities; never calls a model."""

from agent.understanding.names import first_name
from agent.understanding.reading import MessageReader, refers_to_past_purchase

__all__ = ["MessageReader", "first_name", "refers_to_past_purchase"]
