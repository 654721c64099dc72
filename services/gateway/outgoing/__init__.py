"""Webhooks to the photographers' own systems."""
