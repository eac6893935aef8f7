"""`anbu bench detection`: the protocol of detection on recorded homes, ours beside what people would use instead."""


class NothingToJudge(ValueError):
    """The recording has no home that is long enough, or not the ones that were named."""
