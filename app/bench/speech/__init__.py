"""How well words are understood: phrases nobody tuned on, clean and misheard, beside everyday talk that must not alarm."""
