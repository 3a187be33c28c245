"""Mails: written down in the transaction that causes them (`outbox`), worded when they are sent (`kinds` and the
modules of its letters), handed over once (`delivery`); to many people a step at a time (`mailings`)."""
