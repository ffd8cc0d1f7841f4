"""Chat models behind one door: OpenAI or a compatible server, and the offline seller that needs neither."""
