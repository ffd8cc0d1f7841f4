"""The offline seller in conversations, without a database."""
