"""The demo: a few real projects, people and a day of their answers, so that no page of a fresh Workbee is empty."""
