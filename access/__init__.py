"""Who is asking, what they may see, and what stands in the books of it."""
