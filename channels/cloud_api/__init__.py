"""The official WhatsApp Cloud API: webhook payloads in, Graph API calls out; Meta's field names live only here."""
