"""The vocabulary every other room speaks; imports nothing of ours and does no I/O."""
