"""What authors declare: the journey, its facts, conditions and programmes, read from YAML and compiled to a plan.

Nothing here advances a patient; the engine does.
"""
