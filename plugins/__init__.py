"""Extensions on pluggy: the hooks, the host that calls them and the built-ins; nothing here knows the agent."""
