"""Statements that read or write several tables at once; reading ones return frozen dataclasses."""
