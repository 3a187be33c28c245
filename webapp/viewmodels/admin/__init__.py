"""The administration of the site."""
