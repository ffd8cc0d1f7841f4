"""A local Graph API over real HTTP: as strict as WhatsApp's, scripted to fail, keeping a list of what it delivered."""
