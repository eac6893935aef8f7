"""One file a channel; the provider's answer is a value."""
