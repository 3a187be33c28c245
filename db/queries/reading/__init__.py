"""Rows for readers: filtered lists, exports, and who may see what."""
