"""One ZIP of many stored photos, streamed without being made first; byte ranges work (S6)."""
