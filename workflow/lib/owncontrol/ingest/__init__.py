"""Ingest: a raw file as text, then its mapping to canonical tables; nothing is repaired."""
