"""Proof: every figure a reply states must stand in a tool result of the same turn."""
