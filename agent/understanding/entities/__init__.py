"""Everything exact a customer says: numbers, money, days, documents, names, answers; rules and word lists, no model."""

from agent.understanding.entities.door import read_entities
from agent.understanding.entities.found import DateMention, SaidEntities
from agent.understanding.entities.learnt import Learnt

__all__ = ["DateMention", "Learnt", "SaidEntities", "read_entities"]
