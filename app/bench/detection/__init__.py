"""`anbu bench detection`: the protocol of detection on recorded homes, ours beside what people would use instead."""
