"""Carries a message from the inbox through its turn to the outbox, durably; knows no business rule."""
