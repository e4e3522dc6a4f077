"""One class, one policy 一类一策: who handles what, and how closely an organisation of each type is supervised.

One file a type: its rule families, which body takes the next step of which rule, and the measures by grade. Nothing here decides
anything; it says who acts on what the law and the model said.
"""

from .policy import BODIES, GRADES, Measure, Policy
from .registry import POLICIES, measures, policy, routed

__all__ = ["BODIES", "GRADES", "POLICIES", "Measure", "Policy", "measures", "policy", "routed"]
