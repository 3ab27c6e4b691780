"""How many FLOPs a transformer costs per token, and which of its parameters are counted.

Published laws count parameters and FLOPs in different ways, and the same runs give
N ~ C^.52, .37 or .68 by the choice. So a count always carries its convention:

- ``"6nd"``: 6 FLOP per parameter and token, 2 forward and 4 backward, all parameters
  (Hoffmann et al. 2022, what `C = 6ND` means everywhere in this package);
- ``"non-embedding"``: the same without embeddings (Kaplan et al. 2020, arXiv:2001.08361);
- ``"matmul"``: every matrix product that is done: 6 per matmul parameter, the last layer,
  and attention, 12 · layers · heads · head_dim · context per token (Chowdhery et al. 2022,
  arXiv:2204.02311, appendix B), half of that where the causal half is skipped;
- ``"hoffmann"``: appendix F of Hoffmann et al. 2022 (arXiv:2203.15556), which adds the
  embedding as a dense product and the softmax.
"""

from dataclasses import dataclass, fields
from typing import Literal, get_args

from eigenscale.errors import InputError

Convention = Literal["6nd", "non-embedding", "matmul", "hoffmann"]

_WHOLE = ("layers", "width", "heads", "vocabulary", "context", "experts", "active_experts")


@dataclass(frozen=True)
class Architecture:
    """The shape of a decoder-only transformer; what is not given follows the usual habits.

    Attributes
    ----------
    layers, width, heads : int
        Blocks, model width, query heads per block.
    vocabulary, context : int
        Tokens known, and tokens attended to.
    head_dim : int or None
        Width of a head; ``width / heads`` where not given.
    kv_heads : int or None
        Key and value heads (grouped-query attention); `heads` where not given.
    mlp_width : int or None
        Hidden width of the feed-forward layer; ``4 width`` where not given.
    gated : bool
        Three feed-forward matrices (SwiGLU) rather than two.
    tied : bool
        Input embedding and last layer share their weights.
    experts, active_experts : int
        Feed-forward layers per block, and how many of them each token visits.

    Raises
    ------
    InputError
        Where a size is not a positive whole number or the sizes contradict each other.

    Examples
    --------
    >>> gpt2 = Architecture(layers=12, width=768, heads=12, vocabulary=50257, context=1024)
    >>> gpt2.non_embedding_params
    84934656
    >>> mixture = Architecture(layers=32, width=4096, heads=32, kv_heads=8, vocabulary=32000,
    ...     context=4096, mlp_width=14336, gated=True, tied=False, experts=8, active_experts=2)
    >>> round(mixture.params / 1e9, 1), round(mixture.active_params / 1e9, 1)
    (46.7, 12.9)
    """

    layers: int
    width: int
    heads: int
    vocabulary: int
    context: int
    head_dim: int | None = None
    kv_heads: int | None = None
    mlp_width: int | None = None
    gated: bool = False
    tied: bool = True
    experts: int = 1
    active_experts: int = 1

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if isinstance(value, bool) or (value is None and field.name not in _WHOLE):
                continue
            if not (value > 0 and value == int(value)):
                raise InputError(
                    f"{field.name}={value!r} is not a positive whole number; sizes of a model are"
                )
        if self.head_dim is None and self.width % self.heads:
            raise InputError(
                f"width {self.width} is not a multiple of {self.heads} heads; give head_dim="
            )
        if self.heads % (self.kv_heads or self.heads):
            raise InputError(
                f"heads {self.heads} is not a multiple of kv_heads {self.kv_heads}; "
                "every key head serves the same number of query heads"
            )
        if self.active_experts > self.experts:
            raise InputError(
                f"active_experts {self.active_experts} exceeds experts {self.experts}; "
                "a token cannot visit more experts than there are"
            )

    @property
    def attention_width(self) -> int:
        """Width of all query heads together."""
        return self.heads * (self.head_dim or self.width // self.heads)

    @property
    def key_value_width(self) -> int:
        """Width of all key heads together, and of all value heads."""
        return self.attention_width * (self.kv_heads or self.heads) // self.heads

    @property
    def _attention_params(self) -> int:
        return 2 * self.width * (self.attention_width + self.key_value_width)

    @property
    def _expert_params(self) -> int:
        return (3 if self.gated else 2) * self.width * (self.mlp_width or 4 * self.width)

    @property
    def _router_params(self) -> int:
        return self.width * self.experts if self.experts > 1 else 0

    def _block_params(self, experts: int) -> int:
        return self._attention_params + experts * self._expert_params + self._router_params

    @property
    def embedding_params(self) -> int:
        """Weights of the input embedding, and of the last layer where it is not tied."""
        return self.vocabulary * self.width * (1 if self.tied else 2)

    @property
    def non_embedding_params(self) -> int:
        """All other weights; norms and biases, under 0.1 % of them, are left out."""
        return self.layers * self._block_params(self.experts)

    @property
    def params(self) -> int:
        """All weights, those of every expert included: what memory holds."""
        return self.non_embedding_params + self.embedding_params

    @property
    def active_params(self) -> int:
        """The weights that one token meets: what compute pays for."""
        return self.layers * self._block_params(self.active_experts) + self.embedding_params


def _matmul(shape: Architecture, causal: bool) -> float:
    products = 2 * shape.layers * shape._block_params(shape.active_experts)
    scores = 4 * shape.layers * shape.context * shape.attention_width * (0.5 if causal else 1.0)
    return products + scores + 2 * shape.width * shape.vocabulary


def _hoffmann(shape: Architecture, causal: bool) -> float:
    softmax = 3 * shape.layers * shape.heads * shape.context
    return _matmul(shape, causal) + softmax + 2 * shape.width * shape.vocabulary


def forward_flops_per_token(
    shape: Architecture, *, convention: Convention = "matmul", causal: bool = False
) -> float:
    """FLOPs to pass one token forward, averaged over a full context; serving costs this.

    Parameters
    ----------
    shape : Architecture
    convention : {"6nd", "non-embedding", "matmul", "hoffmann"}
        What is counted; see the top of this module.
    causal : bool
        Count only the half of attention that a causal mask leaves.

    Returns
    -------
    float

    Raises
    ------
    InputError
        Where the convention is unknown.

    Examples
    --------
    >>> gpt2 = Architecture(layers=12, width=768, heads=12, vocabulary=50257, context=1024)
    >>> forward_flops_per_token(gpt2, convention="6nd") == 2 * gpt2.params
    True
    """
    if convention == "6nd":
        return 2.0 * shape.active_params
    if convention == "non-embedding":
        return 2.0 * (shape.active_params - shape.embedding_params)
    if convention == "matmul":
        return _matmul(shape, causal)
    if convention == "hoffmann":
        return _hoffmann(shape, causal)
    raise InputError(
        f"convention {convention!r} is unknown; use one of {', '.join(get_args(Convention))}"
    )


def training_flops(
    shape: Architecture,
    tokens: float,
    *,
    convention: Convention = "matmul",
    causal: bool = False,
) -> float:
    """FLOPs to train on `tokens` tokens: three times forward, as backward costs two forward.

    Parameters, errors and conventions are those of `forward_flops_per_token`.

    Examples
    --------
    >>> gpt2 = Architecture(layers=12, width=768, heads=12, vocabulary=50257, context=1024)
    >>> f"{training_flops(gpt2, 1e10, convention='6nd'):.4g}"
    '7.412e+18'
    """
    if not tokens > 0:
        raise InputError(f"tokens={tokens:g} is not positive; a run needs tokens")
    per_token = forward_flops_per_token(shape, convention=convention, causal=causal)
    return 3.0 * per_token * float(tokens)
