"""Scripted customers talk to the real seller, and code decides whether the shop would be content."""
