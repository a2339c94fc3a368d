"""Questions worth asking: which unknown facts of a told view could change what a patient sees or what happens next.

It decides what is asked and in which order. It stores nothing, shows nothing, and takes no answers; the engine does.
"""
