"""Figures kept of many answers (`db.models.figures`): adding what is new, holding them to a recount, reading them."""
