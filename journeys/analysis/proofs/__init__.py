"""Proofs over all reachable configurations of a journey and its content: proven, broken by a story, or not proven."""

from journeys.analysis.proofs.builtin import DECIDERS, built_in
from journeys.analysis.proofs.declared import PropertyProver
from journeys.analysis.proofs.proof_space import ProofSpace, TooManyConfigurations
from journeys.analysis.proofs.prover import Claim, Prover
from journeys.analysis.proofs.verdict import Verdict, way_in_words

__all__ = [
    "DECIDERS",
    "Claim",
    "ProofSpace",
    "PropertyProver",
    "Prover",
    "TooManyConfigurations",
    "Verdict",
    "built_in",
    "way_in_words",
]
