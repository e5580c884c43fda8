"""Multinomial logistic regression with L2 regularization for the model of the content policy."""

from collections.abc import Sequence
from itertools import chain
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy import optimize, sparse

from benchmarks.policy.examples import Example
from resolvers.access.policy_model import ROWS, Category, Features, Model, normalize
from resolvers.access.policy_phrases import Positions

PENALTY: Final = 0.05
"""Factor of half the sum of the squared weights, beside the sum of the losses of all examples."""

MAX_ITERATIONS: Final = 150
MAX_WEIGHT: Final = 127

Matrix = sparse.csr_array


def make_matrix(features: Features, texts: Sequence[Positions]) -> Matrix:
    """Return a row for each text, with equal values in the columns of its features."""
    found = [features.find(text) for text in texts]
    lengths = np.fromiter(map(len, found), dtype=np.intp, count=len(found))
    starts = np.concatenate([[0], np.cumsum(lengths)])
    values = np.repeat(list(map(normalize, lengths.tolist())), lengths)
    return sparse.csr_array(
        (values, np.fromiter(chain.from_iterable(found), dtype=np.intp), starts), shape=(len(found), ROWS)
    )


def train(matrix: Matrix, examples: Sequence[Example], categories: Sequence[str]) -> Model:
    """Return the model of the least loss, its weights rounded to 8 bits."""
    wanted = np.array([categories.index(example.category) for example in examples])
    rows = np.arange(len(examples))
    transposed = matrix.T.tocsr()
    size = matrix.shape[1] * len(categories)

    def loss(parameters: npt.NDArray[np.float64]) -> tuple[float, npt.NDArray[np.float64]]:
        weights = parameters[:size].reshape(-1, len(categories))
        scores = matrix @ weights + parameters[size:]
        log_odds = scores - np.logaddexp.reduce(scores, axis=1, keepdims=True)
        errors = np.exp(log_odds)
        errors[rows, wanted] -= 1
        total = -log_odds[rows, wanted].sum() + PENALTY / 2 * (weights**2).sum()
        gradient = transposed @ errors + PENALTY * weights
        return float(total), np.concatenate([gradient.ravel(), errors.sum(axis=0)])

    start = np.zeros(size + len(categories))
    found = optimize.minimize(loss, start, jac=True, method="L-BFGS-B", options={"maxiter": MAX_ITERATIONS}).x
    weights = found[:size].reshape(-1, len(categories))
    scale = float(np.abs(weights).max()) / MAX_WEIGHT
    rounded = np.rint(weights / scale).astype(int).T.tolist()
    biases = found[size:].tolist()
    return Model(scale, list(map(Category, categories, biases, rounded)))
