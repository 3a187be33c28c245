"""Figures that pages show of many answers, kept so that nothing is counted when they are shown.

A function of the database, `workbee_fold_answers`, adds to them every second what is new
(`db.queries.figures.folding`); nothing else writes them. All days and hours are UTC's.
"""
