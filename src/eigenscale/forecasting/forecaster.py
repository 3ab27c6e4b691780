"""The forecaster: a sample that has been learned from, ready to be asked for any size."""

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from eigenscale.arrays import Floats
from eigenscale.errors import InputError
from eigenscale.forecasting.extrapolation.best_ridge import best_ridge
from eigenscale.forecasting.extrapolation.nested import NestedFits, Prediction, build
from eigenscale.forecasting.extrapolation.scores import Scores, error_rates
from eigenscale.forecasting.extrapolation.transfer import Query
from eigenscale.forecasting.extrapolation.trials import WIDTH, Trials
from eigenscale.forecasting.row import ForecastRow
from eigenscale.forecasting.sample.kernels import Scaling, kernel_named, limit_of, random_features
from eigenscale.forecasting.sample.rows import FeatureRows, KernelRows, Rows
from eigenscale.forecasting.sample.sample import Sample
from eigenscale.progress import Progress, share_of
from eigenscale.results import Interval

Kind = Literal["fixed", "random", "kernel"]


@dataclass(frozen=True)
class Learner:
    """What is forecast: ridge regression on the inputs, on random features, or with a kernel."""

    kind: Kind = "fixed"
    name: str = ""
    width: float = 1.0

    def rows(self, sample: Sample) -> Rows:
        """Rows as this learner sees them; for random features their kernel at infinite width."""
        inputs = sample.inputs
        if self.kind == "fixed":
            return FeatureRows(inputs, sample.max_rank)
        scaled = Scaling.of(inputs)(inputs)
        kernel = kernel_named(self.name) if self.kind == "kernel" else limit_of(self.name)
        if self.name == "linear":
            return FeatureRows(scaled)
        return KernelRows(kernel(scaled, scaled, self.width))

    def bank(self, inputs: Floats, rng: np.random.Generator) -> Floats:
        """Random features of the rows, as many as `Trials` asks for."""
        scaled = Scaling.of(inputs)(inputs)
        return random_features(self.name, scaled, WIDTH * len(inputs), self.width, rng)

    def __str__(self) -> str:
        if self.kind == "fixed":
            return "ridge regression on the given features"
        if self.kind == "kernel":
            return f"kernel ridge regression, {self.name} kernel"
        return f"ridge regression on random {self.name} features"


@dataclass(frozen=True, eq=False)
class Forecaster:
    """A loss surface read off a sample: `loss` for any samples, features and ridge.

    Attributes
    ----------
    learner : Learner
    nested : NestedFits
        Fits on nested subsets of the sample.
    n_rows, n_inputs : int
    scores : tuple of tuples of Scores
        For classes: those of every subset fit.
    ridge : float or "optimal"
        What `loss` and `loss_draws` use.
    """

    learner: Learner
    nested: NestedFits
    n_rows: int
    n_inputs: int
    target_variance: float
    scores: tuple[tuple[Scores, ...], ...] = ()
    ridge: float | Literal["optimal"] = "optimal"

    @classmethod
    def learn(
        cls,
        sample: Sample,
        learner: Learner,
        *,
        ridge: float | Literal["optimal"] = "optimal",
        draws: int = 200,
        rng: np.random.Generator,
        progress: Progress | None = None,
    ) -> "Forecaster":
        """Fit and score parts of the sample; what follows costs milliseconds a point."""
        rows = learner.rows(sample)
        free = learner.kind == "random"
        part = share_of(progress, 0.0, 0.6 if free else 1.0)
        nested = build(rows, sample.target, draws=draws, rng=rng, progress=part)
        if free:
            bank, rest = learner.bank(sample.inputs, rng), share_of(progress, 0.6, 1.0)
            predict = nested.predict
            trials = Trials.of(lambda query: predict(query).value, bank, sample.target, rng, rest)
            nested = replace(nested, trials=trials)
        size = (sample.n_rows, sample.n_inputs, sample.target_variance)
        scores: tuple[tuple[Scores, ...], ...] = ()
        # With fewer rows for each class the error rate was not found to hold.
        if sample.classes is not None and sample.n_rows >= 100 * len(sample.classes):
            scores = tuple(
                Scores.of(surface, rows, sample.target, nested.weights, rng)
                for surface in nested.surfaces
            )
        return cls(learner, nested, *size, scores, ridge)

    @property
    def size_name(self) -> str:
        """Name of the first argument of `loss`."""
        return "n_features"

    @property
    def data_name(self) -> str:
        """Name of the second argument of `loss`."""
        return "n_samples"

    def query(self, n_samples: ArrayLike, n_features: ArrayLike, ridge: ArrayLike) -> Query:
        """Flat query; random features are the only learner whose number of features is free."""
        T, N, g = np.broadcast_arrays(
            *(np.asarray(x, float) for x in (n_samples, n_features, ridge))
        )
        if self.learner.kind != "random":
            N = np.full(T.shape, np.inf)
        return Query(T.ravel(), N.ravel(), g.ravel())

    def ask(
        self, n_samples: ArrayLike, n_features: ArrayLike, ridge: float | str | None = None
    ) -> tuple[Query, Prediction]:
        """Answer flat arrays of samples and features at one ridge (by default `self.ridge`)."""
        chosen = self.ridge if ridge is None else ridge
        query = self.query(n_samples, n_features, 0.0 if isinstance(chosen, str) else chosen)
        if isinstance(chosen, str):
            if chosen != "optimal":
                raise InputError(f'ridge {chosen!r} is not a number; give one, or "optimal"')
            best = best_ridge(self.nested, query)
            query = Query(query.n_samples, query.n_features, best)
            return query, self._below_the_mean(query, self.nested.predict(query))
        return query, self.nested.predict(query)

    def _below_the_mean(self, query: Query, prediction: Prediction) -> Prediction:
        """Cut off at the loss of predicting the training mean, which a large ridge does."""
        most = self.target_variance * (1 + 1 / query.n_samples)
        draws = prediction.draws
        if len(draws):
            # Where the target's own variance is uncertain, so is the loss of its mean.
            most_drawn = most * np.maximum(self.nested.variance_draws, 1.0)[:, None]
            draws = np.minimum(draws, most_drawn)
        return replace(prediction, value=np.minimum(prediction.value, most), draws=draws)

    def error_rate(self, query: Query, prediction: Prediction) -> tuple[Floats, Floats] | None:
        """Give the share of wrong classes where `ask` has been; None for regression."""
        if not self.scores:
            return None
        value, draws = self._error_rate(query, prediction)
        # More samples at the same ridge that lower the loss do not raise the error rate.
        out = np.flatnonzero(query.n_samples > self.n_rows)
        if out.size:
            sizes = np.stack([query.n_features[out], query.ridge[out]])
            (features, ridge), back = np.unique(sizes, axis=1, return_inverse=True)
            here = Query(np.full(len(ridge), float(self.n_rows)), features, ridge)
            known = self.nested.predict(here)
            most = self._error_rate(here, known)[0][back.ravel()]
            worse = (value[out] > most) & (prediction.value[out] <= known.value[back.ravel()])
            excess = np.where(worse, value[out] - most, 0.0)
            value[out], draws[:, out] = value[out] - excess, draws[:, out] - excess
        return np.clip(value, 0, 1), np.clip(draws, 0, 1)

    def _error_rate(self, query: Query, prediction: Prediction) -> tuple[Floats, Floats]:
        value, draws = np.full(len(query), np.nan), np.full_like(prediction.draws, np.nan)
        sound = np.isfinite(prediction.value)
        at = prediction.place.log_kappa[sound], prediction.value[sound]
        value[sound], drawn, luck = error_rates(self.scores, query.n_samples[sound], *at)
        # What averaging adds to the loss's uncertainty moves the errors alike, or less.
        draws[:, sound] = drawn * prediction.wobble[:, sound] + self.nested.noise[:, [1]] * luck
        return value, draws

    def loss(self, size: ArrayLike, data: ArrayLike, /) -> Floats:
        """Give the expected test loss; the arguments broadcast."""
        shape = np.broadcast_shapes(np.shape(size), np.shape(data))
        return self.ask(data, size)[1].value.reshape(shape)

    def loss_draws(self, size: ArrayLike, data: ArrayLike, /) -> Floats:
        """Plausible losses, shape (draws, *broadcast)."""
        shape = np.broadcast_shapes(np.shape(size), np.shape(data))
        return self.ask(data, size)[1].draws.reshape(-1, *shape)


def rows_of(
    forecaster: Forecaster, query: Query, prediction: Prediction, level: float
) -> list[ForecastRow]:
    """Turn what was predicted into rows."""
    modes = prediction.modes
    errors = forecaster.error_rate(query, prediction)
    tail = prediction.place.log_kappa < forecaster.nested.top.fit.log_kappa[0] - 1e-9
    out = []
    for i in range(len(query)):
        loss = _interval(prediction.value[i], prediction.draws[:, i], level)
        beyond = "samples" if query.n_samples[i] > forecaster.n_rows else ""
        out.append(
            ForecastRow(
                int(query.n_samples[i]),
                _n_features(forecaster, query.n_features[i]),
                float(query.ridge[i]),
                loss,
                None if errors is None else _interval(errors[0][i], errors[1][:, i], level),
                float(modes[i]),
                "tail" if tail[i] and forecaster.nested.top.open_ended else beyond,
                "ok" if np.isfinite(loss.value) else "diverges",
            )
        )
    return out


def _n_features(forecaster: Forecaster, n_features: float) -> int | None:
    if forecaster.learner.kind == "fixed":
        return forecaster.n_inputs
    return int(n_features) if np.isfinite(n_features) else None


def _interval(value: float, draws: np.ndarray, level: float) -> Interval:
    if not np.isfinite(value):
        return Interval(value, value, value, level)
    return Interval.from_draws(value, draws, level)
