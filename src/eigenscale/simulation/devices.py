"""Where the dense algebra of a draw runs: NumPy here, or torch on any of its devices."""

from typing import Any

from eigenscale.arrays import Floats
from eigenscale.errors import InputError

_NUMPY = (None, "cpu", "numpy")


def device_named(wanted: str | None) -> str | None:
    """Check the name of a device; None stands for NumPy.

    Raises
    ------
    InputError
        Where torch is absent, or does not have this device.
    """
    if wanted in _NUMPY:
        return None
    assert wanted is not None
    torch = _torch(wanted)
    try:
        torch.zeros(1, device=_own(wanted), dtype=torch.float64) @ torch.zeros(
            1, device=_own(wanted), dtype=torch.float64
        )
    except (RuntimeError, AssertionError, TypeError, NotImplementedError) as error:
        reason = " ".join(str(error).split())[:100]
        raise InputError(
            f"device {wanted!r} cannot be used ({reason}); use cpu, torch or a device that torch "
            "has here, as cuda"
        ) from None
    return wanted


def on_device(arrays: tuple[Floats, Floats], device: str | None) -> tuple[Any, Any]:
    """Move drawn arrays to a device; the random numbers are the same on all."""
    if device is None:
        return arrays
    torch = _torch(device)
    first, second = (torch.asarray(array, device=_own(device)) for array in arrays)
    return first, second


def _own(device: str) -> str:
    return "cpu" if device == "torch" else device


def _torch(device: str) -> Any:
    try:
        import torch
    except ImportError:
        raise InputError(
            f"device {device!r} needs torch, which is not installed: pip install torch; without "
            "it the device is cpu"
        ) from None
    return torch
