"""Handing out tasks and taking in answers."""
