"""What it would be worth to know an uncertain input before deciding whether to build: what should be piloted next.

The decision is to build (the ENPV) or not (0). Perfect information: E[max(NPV, 0)] - max(E[NPV], 0). Of one input:
E[max(E[NPV | input], 0)] - max(E[NPV], 0), with the inner expectation by regression on the draws (Strong, Oakley and
Brennan 2014); here on a cubic, which is exact for independent inputs, where it is a straight line.
"""

import numpy as np

from madang.appraise.distribution import Floats


def perfect(npv: Floats) -> float:
    """The value of knowing everything, in the money of the NPV."""
    return float(np.maximum(npv, 0).mean() - max(float(npv.mean()), 0.0))


def partial(inputs: Floats, npv: Floats) -> float:
    """The value of knowing these inputs [input, draw] together."""
    centre, width = inputs.mean(axis=1, keepdims=True), inputs.std(axis=1, keepdims=True)
    even = (inputs - centre) / np.where(width > 0, width, 1.0)
    columns = np.vstack([np.ones(npv.size), *(even**power for power in (1, 2, 3))])
    weights = np.linalg.lstsq(columns @ columns.T, columns @ npv, rcond=None)[0]
    expected = weights @ columns
    return max(0.0, float(np.maximum(expected, 0).mean() - max(float(npv.mean()), 0.0)))
