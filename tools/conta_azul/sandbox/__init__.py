"""A faithful local Conta Azul: same paths, quirks and refusals over a catalogue file; no real shop stands behind it."""
