"""The shop's own verses and prayers: handed out when a customer asks for one, never composed."""
