"""What the agent can do, and the adapters that stand behind it; knows no agent, no HTTP server and no channel."""
