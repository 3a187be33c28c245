"""The administration of the site (docs/contract/pages.md 5)."""
