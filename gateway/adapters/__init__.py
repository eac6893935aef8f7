"""Dialects of the home into care events, one pure file each: what a message says, not what is done about it."""
