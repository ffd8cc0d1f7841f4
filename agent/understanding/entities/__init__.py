"""Everything exact a customer says: numbers, money, days, documents, names, answers; rules and word lists, no model."""

from agent.understanding.entities.door import read_entities
from agent.understanding.entities.found import DateMention, SaidEntities

__all__ = ["DateMention", "SaidEntities", "read_entities"]
