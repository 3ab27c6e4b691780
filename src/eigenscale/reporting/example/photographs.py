"""Patches of two real photographs: the surround of a pixel as inputs, the pixel as target.

The photographs, ``china.jpg`` and ``flower.jpg``, come inside scikit-learn, so nothing is
downloaded. Each is cut into blocks of 32×32 pixels; whole blocks go to training or to testing,
so that no test patch shares a pixel with a training patch.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

BLOCK = 32
PATCH = 13
TEST_SHARE = 0.25
_CONTRAST_FLOOR = 0.02  # in units of full brightness: keeps flat sky from becoming noise
_GREY = np.array([0.299, 0.587, 0.114], dtype=np.float32)

Floats32 = NDArray[np.float32]
Part = Literal["train", "test"]


@dataclass(frozen=True, eq=False)
class Patches:
    """Inputs of shape (n, 168), the surround of a pixel, and target of shape (n,), the pixel.

    Both are measured from the mean of the surround in units of its contrast; the target has
    mean 0 and variance 1 over the training patches. A loss of 1 is therefore a guess by the
    mean, and the loss is the fraction of the target's variance that stays unexplained.
    """

    inputs: Floats32
    target: Floats32

    def __len__(self) -> int:
        return len(self.target)

    def take(self, count: int, rng: np.random.Generator) -> "Patches":
        """Return `count` different patches drawn at random."""
        chosen = rng.choice(len(self), count, replace=False)
        return Patches(self.inputs[chosen], self.target[chosen])


def photograph_patches(part: Part = "train") -> Patches:
    """Cut all patches of one part of the photographs: 161,200 to train on, 46,800 to test on.

    Examples
    --------
    >>> patches = photograph_patches("test")
    >>> patches.inputs.shape, patches.target.shape
    ((46800, 168), (46800,))
    """
    train, test = _blocks()
    surround, pixel = _split(train)
    mean, deviation = pixel.mean(), pixel.std()
    if part == "test":
        surround, pixel = _split(test)
    return Patches(surround, (pixel - mean) / deviation)


def _blocks() -> tuple[list[Floats32], list[Floats32]]:
    """Return training and test blocks, the same at every call."""
    from sklearn.datasets import load_sample_images

    rng = np.random.default_rng(0)
    parts: tuple[list[Floats32], list[Floats32]] = ([], [])
    for image in load_sample_images().images:
        grey = image.astype(np.float32) @ _GREY / 255
        for top in range(0, grey.shape[0] - BLOCK + 1, BLOCK):
            for left in range(0, grey.shape[1] - BLOCK + 1, BLOCK):
                block = grey[top : top + BLOCK, left : left + BLOCK]
                parts[rng.random() < TEST_SHARE].append(block)
    return parts


def _split(blocks: list[Floats32]) -> tuple[Floats32, Floats32]:
    """Cut blocks into patches; return contrast-normalised surrounds and centres."""
    windows = np.lib.stride_tricks.sliding_window_view(np.stack(blocks), (PATCH, PATCH), (1, 2))
    flat = windows.reshape(-1, PATCH * PATCH)
    centre = PATCH * PATCH // 2
    surround = np.delete(flat, centre, axis=1)
    mean = surround.mean(axis=1, keepdims=True)
    contrast = surround.std(axis=1, keepdims=True) + np.float32(_CONTRAST_FLOOR)
    return (surround - mean) / contrast, (flat[:, centre] - mean[:, 0]) / contrast[:, 0]
