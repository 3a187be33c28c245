"""One repository per aggregate: `get` raises, `find` may return None."""
