"""Accounts: who they are, what they have done, what they leave behind."""
